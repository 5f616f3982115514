"""Names and words that the invented people are made of."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST_NAMES = _words("""
Priya Daniel Leila Ingrid Zofia Amara Anh Beatriz Maya Yuki Sade Claire Katya Fatou Nina
Tomás Aisha Lukas Mei Omar Sofia Jonas Ada Rafael Hana Pierre Ximena Kofi Elena Ravi Freja
Mateo Noor Henrik Chloé Ibrahim Greta Diego Salma Viktor Isla Kenji Lucía Emeka Petra Arjun
Alma Farid Linnea Samuel Zeynep Oskar Naledi Bruno Keiko Marek Amina Leo Dalia Felix Thandi
Hugo Rosa Anton Nadia Emil Yara Stefan Lena Youssef Clara Ivan Mina Paulo Edda Karim
""")

LAST_NAMES = _words("""
Raman Osei Farouk Solberg Wrona Okafor Tran Lima Cohen Mori Bello Dubois Orlova Diop Petrov
Navarro Khan Weber Chen Haddad Rossi Lindgren Lovelace Silva Sato Moreau Torres Mensah
Popescu Iyer Nielsen Vargas Rahman Dahl Bernard Yilmaz Schmidt Castillo Mansour Novak Murray
Tanaka Romero Eze Horvat Gupta Lopes Nasser Berg Adeyemi Demir Kowalski Dlamini Costa Suzuki
Zielinski Juma Fischer Saleh Braun Nkosi Martin Delgado Ivanov Aziz Larsen Shah Maier Kaya
""")

DEPARTMENTS = (
    "Engineering",
    "Data",
    "Finance",
    "Operations",
    "Marketing",
    "Sales",
    "Customer Care",
    "Product",
    "People",
    "Research",
    "Quality",
    "Legal",
)

LOCATIONS = {
    "Berlin": "Europe/Berlin",
    "London": "Europe/London",
    "Toronto": "America/Toronto",
    "Lisbon": "Europe/Lisbon",
    "Nairobi": "Africa/Nairobi",
    "Bengaluru": "Asia/Kolkata",
    "Tokyo": "Asia/Tokyo",
    "São Paulo": "America/Sao_Paulo",
}

LEVELS = (
    "Associate",
    "Professional",
    "Senior",
    "Lead",
    "Manager",
    "Senior Manager",
    "Director",
    "Vice President",
)

TITLES = (
    "analyst",
    "specialist",
    "engineer",
    "coordinator",
    "consultant",
    "planner",
)

# The most wanted first: people's choices are skewed towards the head of the list.
SKILLS = (
    "Leading without authority",
    "Giving feedback",
    "Public speaking",
    "Data analysis",
    "Stakeholder management",
    "Negotiation",
    "Project planning",
    "Coaching",
    "Strategic thinking",
    "Budgeting",
    "Python",
    "SQL",
    "Writing for executives",
    "Facilitating workshops",
    "Hiring and interviewing",
    "Product discovery",
    "Machine learning",
    "Cloud architecture",
    "Conflict resolution",
    "Time management",
    "Sales conversations",
    "Customer research",
    "Accessibility",
    "Information security",
    "Change management",
    "Supply chains",
    "Financial modelling",
    "Employment law",
    "Quality management",
    "Career planning",
)

# What people are good at comes in bundles: who teaches one of these often teaches its neighbours.
THEMES = (
    ("Leading without authority", "Giving feedback", "Coaching", "Conflict resolution",
     "Hiring and interviewing"),
    ("Public speaking", "Writing for executives", "Stakeholder management",
     "Facilitating workshops", "Negotiation"),
    ("Data analysis", "SQL", "Python", "Machine learning", "Cloud architecture"),
    ("Project planning", "Time management", "Change management", "Quality management",
     "Budgeting"),
    ("Strategic thinking", "Career planning", "Product discovery", "Customer research",
     "Sales conversations"),
    ("Budgeting", "Financial modelling", "Negotiation", "Supply chains", "Employment law"),
)  # fmt: skip

INTERESTS = (
    "running",
    "books",
    "music",
    "cooking",
    "hiking",
    "chess",
    "photography",
    "gardening",
    "languages",
    "volunteering",
    "cycling",
    "theatre",
)

GOALS = (
    "I would like to lead a small team within a year and need practice in {first}.",
    "I want to be ready for a promotion panel, and better at {first} and {second}.",
    "I am moving from doing the work to planning it. {first} is where I feel unsure.",
    "I would like to speak up more in meetings with senior people; {first} would help.",
    "I want to find out whether a specialist career or a management career suits me.",
    "I returned from leave and would like to rebuild my network, and learn {first}.",
)

OFFERS = (
    "I have led teams for years and like to talk about {first} and {second}.",
    "I moved from analyst to team lead and can share what helped: {first}, mostly.",
    "I have sat on promotion panels and know what they look for. Strong in {first}.",
    "I built up a department from three people to forty. Ask me about {first} or {second}.",
    "I like to listen first. My own mentors taught me {first}, and I pass it on.",
)

SUMMARIES = (
    "We went through the promotion criteria line by line and agreed on the migration as example.",
    "Mapped who decides, who advises and who would speak up for the idea.",
    "Practised the opening of the talk twice. The second version was half as long and better.",
    "Talked about saying no kindly. Next time we look at one real case.",
    "Looked at the first quarter and chose one goal to keep and one to drop.",
    "Compared two ways to plan the week; one is worth a try until next time.",
)


PASSWORD_WORDS = _words("""
amber birch canyon cedar clover cobalt coral delta ember fern garnet harbor hazel indigo
ivory jasper juniper lagoon linden maple marble meadow nectar olive opal orchid pebble pine
quartz raven river saffron sierra silver sparrow spruce summit thistle tundra velvet willow
""")
