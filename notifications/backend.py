from django.core.mail.backends.filebased import EmailBackend


class DirectBackend(EmailBackend):
    pass
