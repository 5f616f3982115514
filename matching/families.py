"""Names of skills that say nearly the same in other words: a judgement, in English and German.

An empty line ends a family, a comma a name. No embedding of single names tells these from names
that merely sound alike (see docs/pairing.md), so they are listed. A name may be in two families.
"""

FAMILIES = """
public speaking, presenting, presentation skills, giving talks, giving presentations, rhetoric,
präsentieren, vorträge halten, präsentationstechnik, rhetorik

leadership, leading people, leading teams, people management, team management, line management,
führung, mitarbeiterführung, personalführung, teamleitung, menschen führen

coaching, mentoring, coaching people

negotiation, salary negotiation, contract negotiation, verhandeln, verhandlungsführung,
verhandlung

difficult conversations, hard conversations, handling conflict, conflict management, conflict
resolution, mediation, konfliktmanagement, schwierige gespräche, konfliktlösung

feedback, giving and receiving feedback, rückmeldung geben, feedback geben

time management, self-organisation, self-organization, personal organisation, prioritising,
prioritizing, setting priorities, zeitmanagement, selbstorganisation, prioritäten setzen

project management, project planning, project leadership, projektmanagement, projektleitung,
projektplanung

agile, scrum, kanban, agile methods, agiles arbeiten

change management, transformation, organisational change, organizational change,
veränderungsmanagement

recruiting, recruitment, hiring, talent acquisition, personalgewinnung

job interviews, interviewing candidates, interview training, vorstellungsgespräche

cv writing, resume writing, résumé, applications, lebenslauf, bewerbung

budgeting, budget planning, financial planning, budgetplanung, finanzplanung

accounting, bookkeeping, buchhaltung, rechnungswesen

sales, selling, account management, vertrieb, verkauf

customer service, customer care, customer support, kundenservice, kundenbetreuung

excel, spreadsheets, google sheets, tabellenkalkulation

sql, databases, postgresql, mysql, datenbanken

data analysis, data analytics, data science, datenanalyse

machine learning, artificial intelligence, ai, deep learning, maschinelles lernen, künstliche
intelligenz, ki

programming, coding, software development, software engineering, programmieren,
softwareentwicklung

test automation, automated testing, quality assurance, qa, testautomatisierung

it security, cyber security, cybersecurity, information security, it-sicherheit,
informationssicherheit

ux, ux design, user experience, usability, interaction design

entrepreneurship, founding a company, starting a business, start-ups, gründen,
unternehmensgründung

teaching, lecturing, university teaching, lehre, unterrichten

academic writing, scientific writing, thesis writing, wissenschaftliches schreiben

grant writing, grant applications, fundraising for research, drittmittel

nursing, patient care, pflege

talking to patients, patient communication, gespräche mit patienten

stress management, coping with stress, resilience, umgang mit stress, stressbewältigung, resilienz

self-confidence, confidence, assertiveness, selbstvertrauen, selbstbewusstsein

diversity, diversity and inclusion, inclusion, equity, vielfalt

intercultural communication, cross-cultural communication, interkulturelle kommunikation

career planning, career development, karriereplanung, laufbahnplanung

decision-making, making decisions, entscheiden

delegation, delegating, delegieren

networking, building networks, netzwerken

work-life balance, balancing work and family, vereinbarkeit
"""
