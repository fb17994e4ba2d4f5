"""Background work of the journal."""

from logging import getLogger

from django.utils import timezone

from habilis.common.jobs import schedule, task
from habilis.journal.models import Entry
from habilis.journal.services import checkpoint

log = getLogger(__name__)


@task()
def seal() -> None:
    """Number, sign and publish what was recorded; say so when something waited longer than it should."""
    now = timezone.now()
    interval = next((one.every for one in schedule() if one.job == f"{__name__}.seal"), None)
    if interval and (late := Entry.objects.late(now, interval).count()):
        log.error("%s entries waited for more than two intervals to enter the tree", late)
    checkpoint(now=now)
