"""A synthetic national register of any size: invented bodies, numbers and texts, every branch of the V4.1 format."""

from habilis.registers.exchange.synthetic.package import evolve, generate

__all__ = ["evolve", "generate"]
