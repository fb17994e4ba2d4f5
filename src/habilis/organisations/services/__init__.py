"""Acts on organisations, people and rights."""

from habilis.organisations.services.published import Address, department_of, is_siret, record_addresses, register_published

__all__ = ["Address", "department_of", "is_siret", "record_addresses", "register_published"]
