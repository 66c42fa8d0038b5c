"""Plausible people, streets and services. Nobody real; e-mail addresses end in example.com."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST = _words(
    """
    Aaron Abigail Adriana Alan Amara Andre Anita Arjun Audrey Bea Brandon Brigid Caleb
    Camila Carmen Cecil Chloe Clara Colin Dalia Darius Deborah Diego Dominic Eileen Elias
    Emeka Erin Esteban Faith Farah Felix Fiona Frances Gavin Greta Hana Hector Ian Ines
    Irene Isaac Jasmine Jerome Joan Julian Kamal Karina Kevin Kwame Lara Leon Lena Liam
    Lucia Mae Malik Mara Mateo Mina Nadia Naomi Nathan Nina Oscar Paige Paul Pilar Quinn
    Rafael Rhea Rosa Ruben Sadie Sam Selma Silas Sonia Tariq Tess Theo Una Vera Victor
    Wesley Yara Yusuf Zoe
    """
)
LAST = _words(
    """
    Abernathy Aguilar Albrecht Anders Baptiste Barlow Beck Bianchi Blackwood Boateng
    Brandt Calloway Cardenas Chen Cho Cortez Crane Dalton Delgado Dietrich Donnelly Eaton
    Ellison Espinoza Farrow Fischer Flores Gallagher Garza Gentry Goldberg Grady Gupta
    Hale Hansen Hart Hendricks Ibarra Ito Jansen Jimenez Joyce Kaplan Kim Kowalski Lam
    Larsen Leclerc Lopez Mbeki McKay Mehta Mercer Molina Nair Nash Nguyen Novak Obrien
    Okoro Olsen Ortiz Park Patel Perez Quigley Ramos Reyes Rinaldi Rowe Salazar Santos
    Schmidt Shah Sorensen Suzuki Tan Thornton Underwood Vance Vargas Wade Walsh Weber Wong
    Xu Yates Young Zamora Ziegler
    """
)
STREETS = (
    "Arapahoe Street",
    "Birch Avenue",
    "Boulder Creek Road",
    "Canyon Court",
    "Cherry Lane",
    "Dahlia Street",
    "East Larimer Street",
    "Fairview Drive",
    "Grand Mesa Way",
    "High Prairie Road",
    "Ivy Street",
    "Lupine Circle",
    "Marigold Lane",
    "North Pearl Street",
    "Osage Street",
    "Ponderosa Drive",
    "Quebec Street",
    "Sagebrush Trail",
    "South Logan Street",
    "Tamarack Court",
    "West Colfax Avenue",
    "Yarrow Street",
)
DENVER = (
    "Denver CO",
    "Denver CO",
    "Aurora CO",
    "Lakewood CO",
    "Arvada CO",
    "Littleton CO",
    "Boulder CO",
    "Castle Rock CO",
)
TORONTO = ("Toronto ON", "Toronto ON", "Mississauga ON", "Oakville ON", "Guelph ON")
CANADIAN_STREETS = (
    "Ashbridge Road",
    "Bathurst Street",
    "Danforth Avenue",
    "Kipling Avenue",
    "Maple Grove",
    "Queen Street West",
    "Roncesvalles Avenue",
    "Sugar Bush Lane",
)
INSPECTORS = ("Grace Lindholm", "Tomás Rivera", "Abdul Karim", "Jenna Pruett", "Hollis Ward")
CANADIAN_INSPECTORS = ("Mireille Gagnon", "Stephen Doyle")
AGENTS = ("Nora Whitcomb", "Dale Prescott", "Luz Carrillo", "Everett Stone", "Mei Lin Huang")
TITLES = ("Front Range Title", "Summit Escrow", "Mile High Closing")
CARDS = (("Visa", "credit"), ("Visa", "debit"), ("Mastercard", "credit"), ("Amex", "credit"))
BANKS = ("First Bank", "Alpine Bank", "Wells Prairie", "Elevations Credit Union")
DECLINES = (
    "insufficient_funds",
    "do_not_honor",
    "expired_card",
    "incorrect_cvc",
    "authentication_failed",
    "generic_decline",
)
NOTES = (
    "Dog in the back yard, call ahead.",
    "Lockbox on the gas meter, code from the agent.",
    "Client asks for the report before Friday: objection deadline.",
    "Crawl space hatch is behind the washer.",
    "Seller stays during the inspection.",
    "Second water heater in the garage; inspector knows.",
)
