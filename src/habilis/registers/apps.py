from django.apps import AppConfig


class RegistersConfig(AppConfig):
    name = "habilis.registers"
    verbose_name = "Répertoires nationaux"
