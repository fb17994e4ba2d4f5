"""People and their rights, dated facts of organisations, mergers; periods that never overlap; the last administrator."""

import django.core.serializers.json
import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models

from habilis.common.periods import forbid_overlap


TABLE = "organisations_membership"
BECAUSE = "organisations_membership: last administrator"


def keep_last_administrator(_, editor):
    """Refuse, on both engines and whoever writes, that an organisation with members loses its last lasting administrator.

    Lost: ended, moved, demoted or deleted, while no other administrator without an end has begun by that day, and while
    another membership goes on. PostgreSQL locks the organisation first, so that two writers cannot each count on the
    other; SQLite has one writer at a time. A later migration that rebuilds the table on SQLite repeats this.
    """
    drop_last_administrator(_, editor)
    for statement in POSTGRESQL if editor.connection.vendor == "postgresql" else SQLITE:
        editor.execute(statement)


def drop_last_administrator(_, editor):
    on = f" ON {TABLE}" if editor.connection.vendor == "postgresql" else ""
    for event in ("update", "delete"):
        editor.execute(f"DROP TRIGGER IF EXISTS {TABLE}_last_administrator_{event}{on}")
    if on:
        editor.execute(f"DROP FUNCTION IF EXISTS {TABLE}_last_administrator()")


# The rows of OLD's organisation; `{end}` is the day from which OLD no longer counts, null when it vanishes at once.
OTHERS = f"SELECT 1 FROM {TABLE} WHERE organisation_id = OLD.organisation_id AND id <> OLD.id"
IN_CHARGE = "role = 'administrator' AND valid_to IS NULL"


def lost(end):
    return (
        f"NOT EXISTS ({OTHERS} AND {IN_CHARGE} AND ({end} IS NULL OR valid_from <= {end}))"
        f" AND EXISTS ({OTHERS} AND (valid_to IS NULL OR valid_to > {end}))"
    )


CONCERNS = "OLD.role = 'administrator' AND OLD.valid_to IS NULL"
CHANGED = (
    "(NEW.valid_to IS NOT NULL OR NEW.role <> OLD.role OR NEW.organisation_id <> OLD.organisation_id"
    " OR NEW.valid_from > OLD.valid_from)"
)
# The end that an update gives; the new beginning of an administrator who would start later; else the row vanishes.
END = (
    "CASE WHEN NEW.role <> OLD.role OR NEW.organisation_id <> OLD.organisation_id THEN NULL"
    " ELSE COALESCE(NEW.valid_to, OLD.valid_from) END"
)
SQLITE = [
    f"CREATE TRIGGER {TABLE}_last_administrator_update AFTER UPDATE ON {TABLE}"
    f" WHEN {CONCERNS} AND {CHANGED} AND {lost('(' + END + ')')} BEGIN SELECT RAISE(ABORT, '{BECAUSE}'); END",
    f"CREATE TRIGGER {TABLE}_last_administrator_delete AFTER DELETE ON {TABLE}"
    f" WHEN {CONCERNS} AND {lost('NULL')} BEGIN SELECT RAISE(ABORT, '{BECAUSE}'); END",
]
POSTGRESQL = [
    f"""CREATE FUNCTION {TABLE}_last_administrator() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        gone date;
    BEGIN
        IF TG_OP = 'UPDATE' THEN
            gone := {END};
        END IF;
        PERFORM 1 FROM organisations_organisation WHERE id = OLD.organisation_id FOR UPDATE;
        IF {lost('gone')} THEN
            RAISE EXCEPTION '{BECAUSE}' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NULL;
    END $$""",
    f"CREATE TRIGGER {TABLE}_last_administrator_update AFTER UPDATE ON {TABLE} FOR EACH ROW"
    f" WHEN ({CONCERNS} AND {CHANGED}) EXECUTE FUNCTION {TABLE}_last_administrator()",
    f"CREATE TRIGGER {TABLE}_last_administrator_delete AFTER DELETE ON {TABLE} FOR EACH ROW"
    f" WHEN ({CONCERNS}) EXECUTE FUNCTION {TABLE}_last_administrator()",
]


class Migration(migrations.Migration):

    dependencies = [
        ('organisations', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='DelegationLetter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('valid_from', models.DateField(verbose_name='valable à partir du')),
                ('valid_to', models.DateField(blank=True, null=True, verbose_name='n’est plus valable à partir du')),
                ('state', models.CharField(max_length=20, verbose_name='état')),
                ('version', models.PositiveIntegerField(default=0, editable=False, verbose_name='version')),
                ('scope', models.CharField(choices=[('requests', 'Déposer les demandes d’enregistrement'), ('network', 'Gérer le réseau de partenaires'), ('assessment', 'Organiser les sessions d’évaluation'), ('declarations', 'Transmettre les déclarations')], max_length=12, verbose_name='objet')),
                ('evidence_digest', models.CharField(max_length=64, verbose_name='empreinte SHA-256 de la lettre')),
                ('revoked_on', models.DateField(blank=True, null=True, verbose_name='révoquée le')),
            ],
            options={
                'verbose_name': 'lettre de délégation',
                'verbose_name_plural': 'lettres de délégation',
                'ordering': ['-valid_from', '-id'],
            },
        ),
        migrations.CreateModel(
            name='FormerName',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('valid_from', models.DateField(verbose_name='valable à partir du')),
                ('valid_to', models.DateField(blank=True, null=True, verbose_name='n’est plus valable à partir du')),
                ('name', models.CharField(max_length=300, verbose_name='dénomination')),
            ],
            options={
                'verbose_name': 'ancienne dénomination',
                'verbose_name_plural': 'anciennes dénominations',
                'ordering': ['organisation', '-valid_from', '-id'],
            },
        ),
        migrations.CreateModel(
            name='HeldKind',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('valid_from', models.DateField(verbose_name='valable à partir du')),
                ('valid_to', models.DateField(blank=True, null=True, verbose_name='n’est plus valable à partir du')),
                ('kind', models.CharField(choices=[('certifier', 'Certificateur'), ('partner', 'Partenaire'), ('regulator', 'Régulateur')], max_length=10, verbose_name='nature')),
            ],
            options={
                'verbose_name': 'nature d’un organisme',
                'verbose_name_plural': 'natures des organismes',
                'ordering': ['organisation', 'kind', 'valid_from', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(max_length=20, verbose_name='état')),
                ('version', models.PositiveIntegerField(default=0, editable=False, verbose_name='version')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='adresse électronique')),
                ('role', models.CharField(choices=[('administrator', 'Gestionnaire des accès'), ('operator', 'Exploitant de la plateforme'), ('partner_manager', 'Responsable de l’organisme partenaire'), ('session_organiser', 'Organisateur de sessions'), ('trainer', 'Formateur'), ('director', 'Directeur, représentant légal'), ('network_manager', 'Responsable du réseau'), ('exam_office', 'Service des examens'), ('controller', 'Contrôleur du certificateur'), ('declarations_officer', 'Chargé des déclarations'), ('nir_officer', 'Responsable du NIR'), ('juror', 'Membre de jury'), ('doctrine_editor', 'Rédacteur de la doctrine'), ('instructor', 'Instructeur'), ('rapporteur', 'Rapporteur'), ('commission_secretary', 'Secrétaire de la commission'), ('commission_member', 'Membre de la commission'), ('director_general', 'Directeur général'), ('regulator_controller', 'Contrôleur du régulateur')], max_length=20, verbose_name='rôle')),
                ('token_digest', models.CharField(max_length=64, unique=True, verbose_name='empreinte du jeton')),
                ('created_at', models.DateTimeField(verbose_name='créée le')),
                ('expires_at', models.DateTimeField(verbose_name='expire le')),
                ('settled_at', models.DateTimeField(blank=True, null=True, verbose_name='acceptée ou retirée le')),
            ],
            options={
                'verbose_name': 'invitation',
                'ordering': ['-created_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('valid_from', models.DateField(verbose_name='valable à partir du')),
                ('valid_to', models.DateField(blank=True, null=True, verbose_name='n’est plus valable à partir du')),
                ('role', models.CharField(choices=[('administrator', 'Gestionnaire des accès'), ('operator', 'Exploitant de la plateforme'), ('partner_manager', 'Responsable de l’organisme partenaire'), ('session_organiser', 'Organisateur de sessions'), ('trainer', 'Formateur'), ('director', 'Directeur, représentant légal'), ('network_manager', 'Responsable du réseau'), ('exam_office', 'Service des examens'), ('controller', 'Contrôleur du certificateur'), ('declarations_officer', 'Chargé des déclarations'), ('nir_officer', 'Responsable du NIR'), ('juror', 'Membre de jury'), ('doctrine_editor', 'Rédacteur de la doctrine'), ('instructor', 'Instructeur'), ('rapporteur', 'Rapporteur'), ('commission_secretary', 'Secrétaire de la commission'), ('commission_member', 'Membre de la commission'), ('director_general', 'Directeur général'), ('regulator_controller', 'Contrôleur du régulateur')], max_length=20, verbose_name='rôle')),
            ],
            options={
                'verbose_name': 'appartenance',
                'ordering': ['organisation', 'person', 'role', 'valid_from', 'id'],
            },
        ),
        migrations.CreateModel(
            name='OrganisationMerge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('merged_on', models.DateField(verbose_name='fusionné le')),
                ('undone_on', models.DateField(blank=True, null=True, verbose_name='annulé le')),
                ('before', models.JSONField(verbose_name='avant')),
                ('after', models.JSONField(verbose_name='après')),
                ('moved', models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name='lignes déplacées')),
                ('left', models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name='lignes laissées')),
            ],
            options={
                'verbose_name': 'fusion d’organismes',
                'verbose_name_plural': 'fusions d’organismes',
                'ordering': ['-merged_on', '-id'],
            },
        ),
        migrations.CreateModel(
            name='Person',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(blank=True, max_length=200, verbose_name='nom')),
                ('email', models.EmailField(max_length=254, null=True, unique=True, verbose_name='adresse électronique')),
                ('erased_on', models.DateField(blank=True, null=True, verbose_name='effacée le')),
            ],
            options={
                'verbose_name': 'personne',
                'ordering': ['name', 'id'],
            },
        ),
        migrations.CreateModel(
            name='QualiopiMark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('valid_from', models.DateField(verbose_name='valable à partir du')),
                ('valid_to', models.DateField(blank=True, null=True, verbose_name='n’est plus valable à partir du')),
                ('action', models.CharField(choices=[('training', 'Actions de formation'), ('skills_review', 'Bilans de compétences'), ('vae', 'Validation des acquis de l’expérience'), ('apprenticeship', 'Formation par apprentissage')], max_length=15, verbose_name='action')),
            ],
            options={
                'verbose_name': 'certification Qualiopi',
                'verbose_name_plural': 'certifications Qualiopi',
                'ordering': ['organisation', 'action', 'valid_from', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Site',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('valid_from', models.DateField(verbose_name='valable à partir du')),
                ('valid_to', models.DateField(blank=True, null=True, verbose_name='n’est plus valable à partir du')),
                ('siret', models.CharField(blank=True, max_length=14, null=True, verbose_name='SIRET')),
                ('uai', models.CharField(blank=True, max_length=8, verbose_name='UAI')),
                ('name', models.CharField(max_length=300, verbose_name='nom du site')),
                ('address', models.CharField(blank=True, max_length=300, verbose_name='adresse')),
                ('postal_code', models.CharField(blank=True, max_length=5, verbose_name='code postal')),
                ('city', models.CharField(blank=True, max_length=120, verbose_name='ville')),
                ('department', models.CharField(blank=True, db_index=True, max_length=3, verbose_name='département')),
            ],
            options={
                'verbose_name': 'site',
                'ordering': ['organisation', 'name', 'valid_from', 'id'],
            },
        ),
        migrations.AddField(
            model_name='organisation',
            name='merged_into',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='absorbed', to='organisations.organisation', verbose_name='absorbé par'),
        ),
        migrations.AddField(
            model_name='organisation',
            name='nda',
            field=models.CharField(blank=True, db_default='', default='', max_length=11, verbose_name='numéro de déclaration d’activité'),
        ),
        migrations.AddField(
            model_name='organisation',
            name='uai',
            field=models.CharField(blank=True, db_default='', default='', max_length=8, verbose_name='UAI'),
        ),
        migrations.AddConstraint(
            model_name='organisation',
            constraint=models.CheckConstraint(condition=models.Q(('nda', ''), ('nda__regex', '\\A[0-9]{11}\\Z'), _connector='OR'), name='organisation_nda_shape'),
        ),
        migrations.AddConstraint(
            model_name='organisation',
            constraint=models.CheckConstraint(condition=models.Q(('uai', ''), ('uai__regex', '\\A[0-9]{7}[ABCDEFGHJKLMNPRSTUVWXYZ]\\Z'), _connector='OR'), name='organisation_uai_shape'),
        ),
        migrations.AddField(
            model_name='delegationletter',
            name='delegate_organisation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='delegations_received', to='organisations.organisation', verbose_name='organisme du délégataire'),
        ),
        migrations.AddField(
            model_name='delegationletter',
            name='organisation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='delegations_given', to='organisations.organisation', verbose_name='organisme qui délègue'),
        ),
        migrations.AddField(
            model_name='formername',
            name='organisation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='former_names', to='organisations.organisation', verbose_name='organisme'),
        ),
        migrations.AddField(
            model_name='heldkind',
            name='organisation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='held_kinds', to='organisations.organisation', verbose_name='organisme'),
        ),
        migrations.AddField(
            model_name='invitation',
            name='organisation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='invitations', to='organisations.organisation', verbose_name='organisme'),
        ),
        migrations.AddField(
            model_name='membership',
            name='organisation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='organisations.organisation', verbose_name='organisme'),
        ),
        migrations.AddField(
            model_name='organisationmerge',
            name='absorbed',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='merges_absorbed', to='organisations.organisation', verbose_name='organisme absorbé'),
        ),
        migrations.AddField(
            model_name='organisationmerge',
            name='kept',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='merges_kept', to='organisations.organisation', verbose_name='organisme gardé'),
        ),
        migrations.AddConstraint(
            model_name='person',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('email__isnull', False), ('erased_on__isnull', True), models.Q(('name', ''), _negated=True), models.Q(('email', ''), _negated=True)), models.Q(('email__isnull', True), ('erased_on__isnull', False), ('name', '')), _connector='OR'), name='person_known_or_erased', violation_error_message='Une personne a un nom et une adresse électronique, ou elle est effacée.'),
        ),
        migrations.AddConstraint(
            model_name='person',
            constraint=models.CheckConstraint(condition=models.Q(('email', django.db.models.functions.text.Lower('email'))), name='person_email_in_lower_case'),
        ),
        migrations.AddField(
            model_name='membership',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='organisations.person', verbose_name='personne'),
        ),
        migrations.AddField(
            model_name='invitation',
            name='accepted_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='invitations_accepted', to='organisations.person', verbose_name='acceptée par'),
        ),
        migrations.AddField(
            model_name='invitation',
            name='invited_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='invitations_sent', to='organisations.person', verbose_name='invitée par'),
        ),
        migrations.AddField(
            model_name='delegationletter',
            name='delegate',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='delegations_received', to='organisations.person', verbose_name='délégataire'),
        ),
        migrations.AddField(
            model_name='delegationletter',
            name='signatory',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='delegations_signed', to='organisations.person', verbose_name='signataire'),
        ),
        migrations.AddField(
            model_name='qualiopimark',
            name='organisation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='qualiopi_marks', to='organisations.organisation', verbose_name='organisme'),
        ),
        migrations.AddField(
            model_name='site',
            name='organisation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sites', to='organisations.organisation', verbose_name='organisme'),
        ),
        migrations.AddConstraint(
            model_name='formername',
            constraint=models.CheckConstraint(condition=models.Q(('valid_to__isnull', True), ('valid_to__gte', models.F('valid_from')), _connector='OR'), name='former_name_ordered_period', violation_error_message='La fin de la période précède son début.'),
        ),
        migrations.AddConstraint(
            model_name='formername',
            constraint=models.CheckConstraint(condition=models.Q(('valid_to__isnull', False)), name='former_name_has_ended'),
        ),
        migrations.AddConstraint(
            model_name='heldkind',
            constraint=models.CheckConstraint(condition=models.Q(('valid_to__isnull', True), ('valid_to__gte', models.F('valid_from')), _connector='OR'), name='held_kind_ordered_period', violation_error_message='La fin de la période précède son début.'),
        ),
        migrations.AddConstraint(
            model_name='heldkind',
            constraint=models.UniqueConstraint(condition=models.Q(('valid_to__isnull', True)), fields=('organisation', 'kind'), name='held_kind_one_current'),
        ),
        migrations.AddConstraint(
            model_name='heldkind',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['certifier', 'partner', 'regulator'])), name='held_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='organisationmerge',
            constraint=models.UniqueConstraint(condition=models.Q(('undone_on__isnull', True)), fields=('absorbed',), name='organisation_merge_once_unless_undone'),
        ),
        migrations.AddConstraint(
            model_name='organisationmerge',
            constraint=models.CheckConstraint(condition=models.Q(('kept', models.F('absorbed')), _negated=True), name='organisation_merge_of_two'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.CheckConstraint(condition=models.Q(('valid_to__isnull', True), ('valid_to__gte', models.F('valid_from')), _connector='OR'), name='membership_ordered_period', violation_error_message='La fin de la période précède son début.'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.UniqueConstraint(condition=models.Q(('valid_to__isnull', True)), fields=('person', 'organisation', 'role'), name='membership_one_current'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.CheckConstraint(condition=models.Q(('role__in', ['administrator', 'operator', 'partner_manager', 'session_organiser', 'trainer', 'director', 'network_manager', 'exam_office', 'controller', 'declarations_officer', 'nir_officer', 'juror', 'doctrine_editor', 'instructor', 'rapporteur', 'commission_secretary', 'commission_member', 'director_general', 'regulator_controller'])), name='membership_known_role'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['pending', 'accepted', 'revoked'])), name='invitation_known_state'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.CheckConstraint(condition=models.Q(('role__in', ['administrator', 'operator', 'partner_manager', 'session_organiser', 'trainer', 'director', 'network_manager', 'exam_office', 'controller', 'declarations_officer', 'nir_officer', 'juror', 'doctrine_editor', 'instructor', 'rapporteur', 'commission_secretary', 'commission_member', 'director_general', 'regulator_controller'])), name='invitation_known_role'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.CheckConstraint(condition=models.Q(('token_digest__regex', '\\A[0-9a-f]{64}\\Z')), name='invitation_digest_shape'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('created_at'))), name='invitation_lasts'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('accepted_by__isnull', True), ('settled_at__isnull', True), ('state', 'pending'), models.Q(('email', ''), _negated=True)), models.Q(('accepted_by__isnull', False), ('settled_at__isnull', False), ('state', 'accepted')), models.Q(('accepted_by__isnull', True), ('settled_at__isnull', False), ('state', 'revoked')), _connector='OR'), name='invitation_settled_as_its_state_says'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'pending')), fields=('organisation', 'email', 'role'), name='invitation_one_pending'),
        ),
        migrations.AddConstraint(
            model_name='delegationletter',
            constraint=models.CheckConstraint(condition=models.Q(('valid_to__isnull', True), ('valid_to__gte', models.F('valid_from')), _connector='OR'), name='delegation_letter_ordered_period', violation_error_message='La fin de la période précède son début.'),
        ),
        migrations.AddConstraint(
            model_name='delegationletter',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['given', 'revoked'])), name='delegation_letter_known_state'),
        ),
        migrations.AddConstraint(
            model_name='delegationletter',
            constraint=models.CheckConstraint(condition=models.Q(('valid_to__isnull', False)), name='delegation_letter_has_an_end'),
        ),
        migrations.AddConstraint(
            model_name='delegationletter',
            constraint=models.CheckConstraint(condition=models.Q(('scope__in', ['requests', 'network', 'assessment', 'declarations'])), name='delegation_letter_known_scope'),
        ),
        migrations.AddConstraint(
            model_name='delegationletter',
            constraint=models.CheckConstraint(condition=models.Q(('evidence_digest__regex', '\\A[0-9a-f]{64}\\Z')), name='delegation_letter_digest_shape'),
        ),
        migrations.AddConstraint(
            model_name='delegationletter',
            constraint=models.CheckConstraint(condition=models.Q(('signatory', models.F('delegate')), _negated=True), name='delegation_letter_of_two_people'),
        ),
        migrations.AddConstraint(
            model_name='delegationletter',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('revoked_on__isnull', True), ('state', 'given')), models.Q(('revoked_on__isnull', False), ('state', 'revoked')), _connector='OR'), name='delegation_letter_revoked_has_a_day'),
        ),
        migrations.AddConstraint(
            model_name='qualiopimark',
            constraint=models.CheckConstraint(condition=models.Q(('valid_to__isnull', True), ('valid_to__gte', models.F('valid_from')), _connector='OR'), name='qualiopi_mark_ordered_period', violation_error_message='La fin de la période précède son début.'),
        ),
        migrations.AddConstraint(
            model_name='qualiopimark',
            constraint=models.UniqueConstraint(condition=models.Q(('valid_to__isnull', True)), fields=('organisation', 'action'), name='qualiopi_mark_one_current'),
        ),
        migrations.AddConstraint(
            model_name='qualiopimark',
            constraint=models.CheckConstraint(condition=models.Q(('action__in', ['training', 'skills_review', 'vae', 'apprenticeship'])), name='qualiopi_mark_known_action'),
        ),
        migrations.AddConstraint(
            model_name='site',
            constraint=models.CheckConstraint(condition=models.Q(('valid_to__isnull', True), ('valid_to__gte', models.F('valid_from')), _connector='OR'), name='site_ordered_period', violation_error_message='La fin de la période précède son début.'),
        ),
        migrations.AddConstraint(
            model_name='site',
            constraint=models.UniqueConstraint(condition=models.Q(('valid_to__isnull', True)), fields=('organisation', 'siret'), name='site_one_current'),
        ),
        migrations.AddConstraint(
            model_name='site',
            constraint=models.CheckConstraint(condition=models.Q(('uai', ''), ('uai__regex', '\\A[0-9]{7}[ABCDEFGHJKLMNPRSTUVWXYZ]\\Z'), _connector='OR'), name='site_uai_shape'),
        ),
        *forbid_overlap("organisations_formername", "organisation_id"),
        *forbid_overlap("organisations_heldkind", "organisation_id", "kind"),
        *forbid_overlap("organisations_qualiopimark", "organisation_id", "action"),
        *forbid_overlap("organisations_site", "organisation_id", "siret"),
        *forbid_overlap(TABLE, "person_id", "organisation_id", "role"),
        *forbid_overlap(
            "organisations_delegationletter", "organisation_id", "delegate_id", "delegate_organisation_id", "scope"
        ),
        migrations.RunPython(keep_last_administrator, drop_last_administrator),
    ]
