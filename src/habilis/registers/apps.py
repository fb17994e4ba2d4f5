from django.apps import AppConfig
from django.utils.translation import gettext

from habilis.registers.records import Sentence


class RegistersConfig(AppConfig):
    name = "habilis.registers"
    verbose_name = "Répertoires nationaux"

    def ready(self) -> None:
        Sentence.translate = gettext
