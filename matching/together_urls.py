"""What the people of a match do together, below the address of the match."""

from django.urls import path

from matching.views import thread, together

app_name = "together"
urlpatterns = [
    path("confirm/", together.confirm, name="confirm"),
    path("expectations/", together.expectations, name="expectations"),
    path("agreement/", together.agreement, name="agreement"),
    path("agreement/edit/", together.agreement_edit, name="agreement_edit"),
    path("agreement/<int:number>/", together.agreement, name="agreement_version"),
    path("agreement/<int:number>/sign/", together.sign, name="sign"),
    path("messages/", thread.thread, name="thread"),
    path("messages/new/", thread.thread_new, name="thread_new"),
    path("messages/mail/", thread.words_in_mail, name="words_in_mail"),
    path("messages/<uuid:message_pk>/remove/", thread.remove_message, name="remove_message"),
]
