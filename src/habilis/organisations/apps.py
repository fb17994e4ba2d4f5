from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    name = "habilis.organisations"
    verbose_name = "Organismes"
