"""Words that say nothing about a goal, in English and German."""

_ENGLISH = """
a about above after again all also am an and any are around as at be because been before being
below better between both but by can could did do does doing down during each etc few for from
further get getting good had has have having he help her here hers him his how i if in into is it
its just know learn learning like looking make me mentor mentee mentoring more most my myself need
new no nor not now of off on once one only or other our out over own people please same she should
so some such than that the their them then there these they this those through to too under until
up us use using very want was we well were what when where which while who whom why will wish with
work working would year years you your
"""

_GERMAN = """
ab aber alle allem allen aller alles als also am an andere anderen auch auf aus bei beim bin bis
bist da damit dann das dass dein deine dem den denn der des dich die dies diese diesem diesen dieser
dieses dir doch dort du durch ein eine einem einen einer eines er es etwas euch euer für gegen gern
gerne gewesen gut hab habe haben hat hatte hatten helfen hier hin hinter ich ihm ihn ihnen ihr ihre
ihrem ihren im in indem ins ist ja jede jedem jeden jeder jedes jetzt jahr jahre jahren kann kein
keine keinen können könnte lernen machen man manche mehr mein meine meinem meinen meiner mich mir
mit möchte muss nach neue neuen nicht nichts noch nun nur ob oder ohne sehr sein seine seinem seinen
seiner seit sich sie sind so solche soll sollte sondern sonst über um und uns unser unsere unter
viel vom von vor war waren was weg weil weiter welche wenn wer werde werden wie wieder will wir wird
wirst wo wollen würde würden zu zum zur zwar zwischen
"""

STOPWORDS = frozenset(_ENGLISH.split()) | frozenset(_GERMAN.split())
