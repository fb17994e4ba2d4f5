from django.apps import AppConfig


class JournalConfig(AppConfig):
    name = "habilis.journal"
    verbose_name = "Journal"
