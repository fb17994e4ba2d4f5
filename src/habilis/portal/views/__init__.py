"""The way in, and the page that shows every component."""

from habilis.portal.views.catalogue import catalogue
from habilis.portal.views.home import home

__all__ = ["catalogue", "home"]
