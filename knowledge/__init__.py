"""Articles and scripts that an agent reads during a contact.

May import core. Start reading at model.py; sambung/centre_scripts.py reads them from the centre's files.
"""
