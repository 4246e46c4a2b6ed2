"""What every integration test may ask for."""

from tests.integration.asterisk_fixture import asterisk, asterisk_install

__all__ = ["asterisk", "asterisk_install"]
