from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "habilis.portal"
    verbose_name = "Accueil"
