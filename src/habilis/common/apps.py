from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "habilis.common"
    verbose_name = "Commun"
