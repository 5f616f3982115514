"""Reports about mail that came back, in the shapes in which mail servers write them."""

from __future__ import annotations

from notifications.models import Message


def postfix(message: Message, *, status: str = "5.1.1", action: str = "failed") -> str:
    person = message.recipient.email
    return f"""\
Return-Path: <>
From: MAILER-DAEMON@mx.example.org (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: mentoring@example.org
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B1"
Message-Id: <20261122.0001@mx.example.org>

--B1
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.example.org.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

<{person}>: host mail.example.org[192.0.2.7] said: 550 {status}
    <{person}>: Recipient address rejected (in reply to RCPT TO command)

--B1
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org
X-Postfix-Queue-ID: 4XyZ
Arrival-Date: Sun, 22 Nov 2026 10:00:00 +0000 (UTC)

Final-Recipient: rfc822; {person}
Original-Recipient: rfc822;{person}
Action: {action}
Status: {status}
Remote-MTA: dns; mail.example.org
Diagnostic-Code: smtp; 550 {status} <{person}>: Recipient address
    rejected: User unknown in virtual mailbox table

--B1
Content-Description: Undelivered Message Headers
Content-Type: text/rfc822-headers

From: Alongside <mentoring@example.org>
To: {person}
Subject: Hello
Message-ID: {message.message_id}

--B1--
"""


def exchange(message: Message) -> str:
    person = message.recipient.email
    return f"""\
From: Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@example.org>
To: <mentoring@example.org>
Subject: Undeliverable: Hello
In-Reply-To: {message.message_id}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="X9"

--X9
Content-Type: multipart/alternative; differences=Content-Type; boundary="X10"

--X10
Content-Type: text/plain; charset="us-ascii"
Content-Transfer-Encoding: quoted-printable

Your message to {person} couldn't be delivered.
=20
--X10
Content-Type: text/html; charset="us-ascii"

<html><body><p>Your message could not be delivered.</p></body></html>

--X10--
--X9
Content-Type: message/delivery-status

Reporting-MTA: dns;AM0PR01.eurprd01.prod.exchangelabs.com
Received-From-MTA: dns;mail.example.org
Arrival-Date: Sun, 22 Nov 2026 09:58:11 +0000

Final-Recipient: rfc822;{person}
Action: failed
Status: 5.1.10
Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found
 by SMTP address lookup

--X9
Content-Type: message/rfc822

Received: from mail.example.org by AM0PR01.eurprd01.prod.exchangelabs.com
From: Alongside <mentoring@example.org>
To: {person}
Subject: Hello
Message-ID: {message.message_id}
MIME-Version: 1.0
Content-Type: text/plain

Hello
--X9--
"""


def gmail(message: Message) -> str:
    person = message.recipient.email
    return f"""\
From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>
To: mentoring@example.org
Auto-Submitted: auto-replied
Subject: Delivery Status Notification (Failure)
References: {message.message_id}
In-Reply-To: {message.message_id}
X-Failed-Recipients: {person}
MIME-Version: 1.0
Content-Type: multipart/report; boundary="000000000000aa"; report-type=delivery-status

--000000000000aa
Content-Type: text/plain; charset="UTF-8"


** Address not found **

Your message wasn't delivered to {person} because the address couldn't be found.

--000000000000aa
Content-Type: message/delivery-status

Reporting-MTA: dns; googlemail.com
Received-From-MTA: dns; mentoring@example.org
Arrival-Date: Sun, 22 Nov 2026 02:00:00 -0800 (PST)
X-Original-Message-ID: {message.message_id}

Final-Recipient: rfc822; {person}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550-5.1.1 The email account that you tried to reach does not exist.
Last-Attempt-Date: Sun, 22 Nov 2026 02:00:01 -0800 (PST)

--000000000000aa
Content-Type: message/rfc822

To: {person}
Message-ID: {message.message_id}
Subject: Hello

--000000000000aa--
"""


def qmail(message: Message) -> str:
    person = message.recipient.email
    return f"""\
From: MAILER-DAEMON@old.example.org
To: mentoring@example.org
Subject: failure notice

Hi. This is the qmail-send program at old.example.org.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<{person}>:
192.0.2.8 does not like recipient.
Remote host said: 550 No such user here
Giving up on 192.0.2.8.

--- Below this line is a copy of the message.

Return-Path: <mentoring@example.org>
Message-ID: {message.message_id}
To: {person}

Hello 451 4.2.2
"""


def exim(message: Message) -> str:
    person = message.recipient.email
    return f"""\
From: Mail Delivery System <Mailer-Daemon@exim.example.org>
To: mentoring@example.org
X-Failed-Recipients: {person}
Auto-Submitted: auto-replied
Subject: Mail delivery failed: returning message to sender

This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  {person}
    SMTP error from remote mail server after RCPT TO:<{person}>:
    host mail.example.org [192.0.2.7]: 550 5.1.1 User unknown

------ This is a copy of your message, including all the headers. ------

Message-Id: {message.message_id}
To: {person}
"""


def complaint(message: Message) -> str:
    person = message.recipient.email
    return f"""\
From: <abuse@provider.example.org>
To: mentoring@example.org
Subject: FW: Hello
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="F1"

--F1
Content-Type: text/plain

This is an email abuse report.
--F1
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: SomeGenerator/1.0
Version: 1
Original-Rcpt-To: <{person}>

--F1
Content-Type: message/rfc822

From: <mentoring@example.org>
To: {person}
Message-ID: {message.message_id}
Subject: Hello

--F1--
"""
