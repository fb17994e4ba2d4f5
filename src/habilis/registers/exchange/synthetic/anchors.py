"""The first 150 fiches of every synthetic register, the same whatever the seed and the size: everyday certifications.

Questions, demo scripts and tests may name them. Numbers are invented (the real register has not reached them); titles
are the ordinary names of trades and skills. ROME codes are public; bodies and texts are made elsewhere.
"""

from typing import NamedTuple


class Anchor(NamedTuple):
    number: str
    kind: str  # key of `kinds.KINDS`; the abbreviation of the fiche where it has one
    level: int | None  # None: a fiche of the RS, or the level AUCUN of a CQP
    title: str
    field: str  # key of `fields.FIELDS`
    rome: str  # codes separated by one space; empty for the RS
    active: bool = True
    says: str = ""  # words that the objectives mention: abbreviations and other names of the same certification
    successor: str = ""  # number of the fiche that replaced it


_RNCP = (
    # Food, hotels and restaurants
    Anchor("RNCP98001", "CAP", 3, "Boulanger", "bakery", "D1102"),
    Anchor("RNCP98002", "BP", 4, "Boulanger", "bakery", "D1102"),
    Anchor("RNCP98003", "CAP", 3, "Pâtissier", "bakery", "D1104"),
    Anchor("RNCP98004", "CAP", 3, "Chocolatier confiseur", "bakery", "D1104"),
    Anchor("RNCP98005", "CAP", 3, "Boucher", "butchery", "D1101"),
    Anchor("RNCP98006", "CAP", 3, "Charcutier traiteur", "butchery", "D1103"),
    Anchor("RNCP98007", "CAP", 3, "Poissonnier écailler", "butchery", "D1105"),
    Anchor("RNCP98008", "CAP", 3, "Cuisine", "cooking", "G1602", says="cuisinier, commis de cuisine"),
    Anchor("RNCP98009", "BAC_PRO", 4, "Cuisine", "cooking", "G1602 G1601", says="cuisinier"),
    Anchor("RNCP98010", "TP", 3, "Cuisinier", "cooking", "G1602"),
    Anchor("RNCP98011", "CQP", 3, "Pizzaïolo", "cooking", "G1604"),
    Anchor("RNCP98012", "TP", 3, "Serveur en restauration", "hotel", "G1803 G1801"),
    Anchor("RNCP98013", "MC4", 4, "Sommellerie", "hotel", "G1804", says="sommelier"),
    Anchor("RNCP98014", "BTS", 5, "Management en hôtellerie restauration", "hotel", "G1402 G1401", says="BTS MHR"),
    Anchor("RNCP98015", "TP", 4, "Réceptionniste en hôtellerie", "hotel", "G1703"),
    Anchor("RNCP98016", "BTS", 5, "Tourisme", "tourism", "G1303 G1102"),
    # Land and animals
    Anchor("RNCP98017", "CAPA", 3, "Jardinier paysagiste", "garden", "A1203"),
    Anchor("RNCP98018", "BTSA", 5, "Aménagements paysagers", "garden", "A1203 F1101"),
    Anchor("RNCP98019", "BP_REA", 4, "Responsable d’entreprise agricole", "agriculture", "A1416 A1405", says="BPREA"),
    Anchor("RNCP98020", "BTSA", 5, "Viticulture et œnologie", "agriculture", "A1405 A1413", says="vigneron, vin"),
    Anchor("RNCP98021", "TITRE", 4, "Maraîcher en agroécologie et permaculture", "agriculture", "A1414"),
    Anchor("RNCP98022", "BAC_PRO", 4, "Conduite et gestion de l’élevage canin et félin", "animals", "A1408 A1501"),
    Anchor("RNCP98023", "TITRE", 5, "Auxiliaire spécialisé vétérinaire", "animals", "A1501", says="ASV"),
    Anchor("RNCP98025", "CAP", 3, "Maréchal-ferrant", "animals", "A1502"),
    Anchor("RNCP98026", "CAP", 3, "Fleuriste", "commerce", "D1209"),
    # Building
    Anchor("RNCP98027", "CAP", 3, "Maçon", "masonry", "F1703"),
    Anchor("RNCP98028", "TP", 3, "Maçon", "masonry", "F1703 F1701"),
    Anchor("RNCP98029", "CAP", 3, "Couvreur", "masonry", "F1610"),
    Anchor("RNCP98030", "TP", 5, "Conducteur de travaux du bâtiment et du génie civil", "masonry", "F1201"),
    Anchor("RNCP98031", "TP", 4, "Chef de chantier gros œuvre", "masonry", "F1202"),
    Anchor("RNCP98032", "INGENIEUR", 7, "Génie civil et construction durable", "masonry", "F1106 F1201"),
    Anchor("RNCP98033", "CAP", 3, "Carreleur mosaïste", "finishing", "F1608"),
    Anchor("RNCP98034", "CAP", 3, "Peintre applicateur de revêtements", "finishing", "F1606"),
    Anchor("RNCP98035", "TP", 3, "Plaquiste plâtrier", "finishing", "F1601"),
    Anchor("RNCP98036", "CAP", 3, "Menuisier fabricant", "wood", "H2206 F1607"),
    Anchor("RNCP98037", "CAP", 3, "Charpentier bois", "wood", "F1501 F1503"),
    Anchor("RNCP98038", "CAP", 3, "Ébéniste", "wood", "H2207"),
    Anchor("RNCP98039", "CAP", 3, "Monteur en installations sanitaires", "plumbing", "F1603", says="plombier, plomberie"),
    Anchor("RNCP98040", "TP", 3, "Plombier chauffagiste", "plumbing", "F1603 I1308"),
    Anchor("RNCP98041", "TP", 4, "Technicien en froid, climatisation et pompes à chaleur", "plumbing", "I1306"),
    Anchor("RNCP98042", "TITRE", 5, "Diagnostiqueur immobilier", "finishing", "F1103"),
    Anchor("RNCP98043", "TP", 4, "Dessinateur projeteur BIM du bâtiment", "masonry", "F1104", says="dessin assisté, DAO"),
    Anchor("RNCP98044", "TP", 3, "Conducteur d’engins de travaux publics", "masonry", "F1302"),
    # Industry and energy
    Anchor("RNCP98045", "CAP", 3, "Électricien", "electric", "F1602"),
    Anchor("RNCP98046", "TP", 3, "Électricien d’équipement du bâtiment", "electric", "F1602"),
    Anchor("RNCP98047", "BTS", 5, "Électrotechnique", "electric", "I1309 H1208"),
    Anchor("RNCP98048", "TITRE", 5, "Installateur de panneaux solaires photovoltaïques", "electric", "F1602 I1309"),
    Anchor("RNCP98049", "TP", 3, "Soudeur assembleur", "welding", "H2913", says="soudure, soudage TIG et MAG"),
    Anchor("RNCP98050", "CQPM", None, "Soudeur industriel", "welding", "H2913"),
    Anchor("RNCP98051", "CAP", 3, "Chaudronnier", "welding", "H2902"),
    Anchor("RNCP98052", "TP", 3, "Tuyauteur industriel", "welding", "H2914"),
    Anchor("RNCP98053", "BAC_PRO", 4, "Technicien d’usinage", "mechanic", "H2903", says="tourneur, fraiseur, commande numérique"),
    Anchor("RNCP98054", "TP", 5, "Technicien supérieur de maintenance industrielle", "mechanic", "I1304 I1310"),
    Anchor("RNCP98055", "BUT", 6, "Génie mécanique et productique", "mechanic", "H1203", says="BUT GMP"),
    Anchor("RNCP98056", "CAP", 3, "Mécanicien de véhicules automobiles", "auto", "I1604", says="garagiste"),
    Anchor("RNCP98057", "BAC_PRO", 4, "Maintenance des véhicules", "auto", "I1604", says="mécanique auto, moto"),
    Anchor("RNCP98058", "TP", 3, "Carrossier réparateur", "auto", "I1606"),
    Anchor("RNCP98059", "TITRE", 3, "Mécanicien cycles", "auto", "I1607", says="réparateur de vélos"),
    Anchor("RNCP98060", "BTS", 5, "Aéronautique", "aero", "I1602 H2502"),
    Anchor("RNCP98061", "BTS", 5, "Métiers de la chimie", "chemistry", "H1503"),
    Anchor("RNCP98063", "INGENIEUR", 7, "Énergie et transition écologique", "electric", "H2701 H1206"),
    # Clothing, crafts, beauty
    Anchor("RNCP98064", "CAP", 3, "Couture flou", "textile", "B1803", says="couturier, couturière"),
    Anchor("RNCP98065", "CAP", 3, "Maroquinier", "textile", "B1802", says="sellier, cuir"),
    Anchor("RNCP98066", "CAP", 3, "Bijoutier joaillier", "crafts", "B1603"),
    Anchor("RNCP98067", "CAP", 3, "Coiffure", "beauty", "D1202", says="coiffeur, coiffeuse"),
    Anchor("RNCP98068", "BP", 4, "Coiffure", "beauty", "D1202", says="coiffeur, coiffeuse, salon"),
    Anchor("RNCP98069", "CAP", 3, "Esthétique cosmétique parfumerie", "beauty", "D1208", says="esthéticienne"),
    Anchor("RNCP98070", "CQP", None, "Spa praticien", "beauty", "D1208 D1203", says="massage de bien-être"),
    # Computing
    Anchor("RNCP98071", "TP", 5, "Développeur web et web mobile", "computing", "M1805", says="DWWM"),
    Anchor("RNCP98072", "TP", 6, "Concepteur développeur d’applications", "computing", "M1805", says="CDA"),
    Anchor("RNCP98073", "TP", 5, "Technicien supérieur systèmes et réseaux", "computing", "M1801 I1401", says="TSSR"),
    Anchor("RNCP98074", "TP", 6, "Administrateur d’infrastructures sécurisées", "computing", "M1801", says="AIS"),
    Anchor("RNCP98075", "BTS", 5, "Services informatiques aux organisations", "computing", "M1805 M1810", says="BTS SIO"),
    Anchor("RNCP98076", "TITRE", 7, "Expert en cybersécurité", "computing", "M1802 M1806", says="sécurité informatique, RSSI"),
    Anchor("RNCP98077", "TITRE", 7, "Ingénieur en intelligence artificielle et science des données", "computing", "M1805 M1403"),
    Anchor("RNCP98078", "TITRE", 6, "Analyste de données", "computing", "M1403 M1805", says="data analyst"),
    Anchor("RNCP98079", "MASTER", 7, "Informatique", "computing", "M1805 M1802"),
    Anchor("RNCP98080", "TITRE", 6, "Concepteur designer d’interfaces", "graphic", "E1104 E1205", says="UX, UI, graphiste"),
    Anchor("RNCP98081", "TP", 4, "Technicien d’assistance en informatique", "computing", "I1401", says="dépannage, support, TAI"),
    # Offices, trade, finance, law
    Anchor("RNCP98082", "BTS", 5, "Comptabilité et gestion", "accounting", "M1203", says="BTS CG, comptable"),
    Anchor("RNCP98083", "TP", 4, "Secrétaire comptable", "accounting", "M1608 M1203"),
    Anchor("RNCP98084", "TP", 5, "Gestionnaire de paie", "accounting", "M1203 M1501", says="fiche de paie, bulletin"),
    Anchor("RNCP98085", "DCG", 6, "Diplôme de comptabilité et de gestion", "accounting", "M1203 M1202", says="DCG"),
    Anchor("RNCP98086", "TITRE", 5, "Assistant en ressources humaines", "hr", "M1501", says="RH, recrutement"),
    Anchor("RNCP98087", "TITRE", 6, "Responsable des ressources humaines", "hr", "M1503 M1502", says="RH"),
    Anchor("RNCP98088", "TP", 5, "Assistant de direction", "secretariat", "M1604"),
    Anchor("RNCP98089", "TP", 4, "Secrétaire assistant médico-social", "secretariat", "M1609", says="secrétaire médicale, SAMS"),
    Anchor("RNCP98090", "BTS", 5, "Gestion de la PME", "secretariat", "M1605 M1604", says="BTS GPME"),
    Anchor("RNCP98091", "BTS", 5, "Management commercial opérationnel", "commerce", "D1301 D1502", says="BTS MCO"),
    Anchor("RNCP98092", "BTS", 5, "Négociation et digitalisation de la relation client", "commerce", "D1402", says="BTS NDRC"),
    Anchor("RNCP98093", "TP", 3, "Employé commercial", "commerce", "D1507 D1505", says="vendeur, caissier, mise en rayon"),
    Anchor("RNCP98094", "TP", 4, "Conseiller de vente", "commerce", "D1106 D1214", says="vendeur en magasin"),
    Anchor("RNCP98095", "BUT", 6, "Techniques de commercialisation", "commerce", "D1402 M1705", says="BUT TC"),
    Anchor("RNCP98096", "LICENCE_PRO", 6, "Métiers du marketing numérique", "communication", "M1705 E1101"),
    Anchor("RNCP98097", "BTS", 5, "Professions immobilières", "bank", "C1504 C1502", says="agent immobilier"),
    Anchor("RNCP98098", "TITRE", 6, "Conseiller clientèle banque et assurance", "bank", "C1206 C1102"),
    Anchor("RNCP98099", "MASTER", 7, "Droit des affaires", "law", "K1903"),
    Anchor("RNCP98100", "LICENCE", 6, "Droit", "law", "K1902", says="juriste"),
    Anchor("RNCP98101", "DIPVIGRM", 7, "Programme supérieur de management", "management", "M1302 M1402"),
    # Goods and people on the move, safety
    Anchor("RNCP98102", "TP", 3, "Préparateur de commandes en entrepôt", "logistics", "N1103", says="cariste, magasinier"),
    Anchor("RNCP98103", "TP", 3, "Conducteur du transport routier de marchandises sur porteur", "transport", "N4101 N4105",
           says="chauffeur poids lourd, routier"),
    Anchor("RNCP98104", "TP", 3, "Conducteur de transport en commun sur route", "transport", "N4103", says="chauffeur de bus, d’autocar"),
    Anchor("RNCP98105", "DE", 3, "Ambulancier", "transport", "J1305", says="DEA"),
    Anchor("RNCP98106", "TITRE", 3, "Agent de prévention et de sécurité", "security", "K2503", says="APS, vigile, gardiennage"),
    Anchor("RNCP98107", "TITRE", 3, "Agent de service de sécurité incendie", "security", "K2503 K1705", says="SSIAP, pompier"),
    Anchor("RNCP98108", "TP", 3, "Agent de propreté et d’hygiène", "cleaning", "K2204", says="ménage, nettoyage"),
    # Health, care, childhood, teaching, sport
    Anchor("RNCP98109", "DE", 4, "Aide-soignant", "health", "J1501", says="DEAS, aide-soignante"),
    Anchor("RNCP98110", "DE", 6, "Infirmier", "health", "J1506", says="IDE, infirmière"),
    Anchor("RNCP98111", "DE", 4, "Auxiliaire de puériculture", "childcare", "J1304", says="DEAP, crèche"),
    Anchor("RNCP98112", "CAP", 3, "Accompagnant éducatif petite enfance", "childcare", "K1303", says="CAP AEPE, assistante maternelle, ATSEM"),
    Anchor("RNCP98113", "DE", 3, "Accompagnant éducatif et social", "social", "K1302 K1301", says="DEAES, auxiliaire de vie"),
    Anchor("RNCP98114", "TP", 3, "Assistant de vie aux familles", "social", "K1302 K1304", says="ADVF, aide à domicile"),
    Anchor("RNCP98115", "DE", 6, "Éducateur spécialisé", "social", "K1207", says="DEES"),
    Anchor("RNCP98116", "TP", 5, "Formateur professionnel d’adultes", "teaching", "K2111", says="FPA"),
    Anchor("RNCP98117", "TITRE", 3, "Enseignant de la conduite et de la sécurité routière", "teaching", "K2110", says="moniteur d’auto-école"),
    Anchor("RNCP98118", "BPJEPS", 4, "Activités de la forme", "sport", "G1204", says="coach sportif, BPJEPS"),
    Anchor("RNCP98119", "DE", 5, "Moniteur national de ski alpin", "sport", "G1204"),
    # Left behind: old versions of the above, closed
    Anchor("RNCP61040", "TP", 5, "Développeur web et web mobile", "computing", "M1805", False, "DWWM", "RNCP98071"),
    Anchor("RNCP64", "BEP", 3, "Carrières sanitaires et sociales", "health", "K1302 J1501", False, "", ""),
    Anchor("RNCP640", "CAP", 3, "Petite enfance", "childcare", "K1303", False, "assistante maternelle", "RNCP98112"),
    Anchor("RNCP61421", "CAP", 3, "Coiffure", "beauty", "D1202", False, "", "RNCP98067"),
)  # fmt: skip

_RS = (
    Anchor("RS19801", "LANGUAGE", None, "Test d’anglais professionnel", "languages", "", says="anglais des affaires, niveau B2"),
    Anchor("RS19802", "LANGUAGE", None, "Communiquer en espagnol dans un contexte professionnel", "languages", ""),
    Anchor("RS19803", "LANGUAGE", None, "Diplôme de compétence en allemand", "languages", ""),
    Anchor("RS19804", "LANGUAGE", None, "Test de français langue étrangère", "languages", "", says="FLE"),
    Anchor("RS19805", "LANGUAGE", None, "Communiquer en langue des signes française", "languages", "", says="LSF"),
    Anchor("RS19806", "SAFETY", None, "Sauveteur secouriste du travail", "security", "", says="SST, secourisme, premiers secours"),
    Anchor("RS19807", "SAFETY", None, "Prévention et secours civiques", "security", "", says="PSC, gestes qui sauvent"),
    Anchor("RS19808", "MACHINE", None, "Conduite de chariots élévateurs à conducteur porté", "logistics", "", says="CACES R489, cariste"),
    Anchor("RS19809", "MACHINE", None, "Conduite de plateformes élévatrices mobiles de personnes", "masonry", "", says="CACES R486, nacelle, PEMP"),
    Anchor("RS19810", "MACHINE", None, "Conduite d’engins de chantier", "masonry", "", says="CACES R482, pelle, mini-pelle"),
    Anchor("RS19811", "MACHINE", None, "Conduite de ponts roulants", "mechanic", "", says="CACES R484"),
    Anchor("RS19812", "SAFETY", None, "Habilitation électrique des non-électriciens", "electric", "", says="B0, H0, risque électrique"),
    Anchor("RS19813", "SAFETY", None, "Travail en hauteur sur cordes", "masonry", "", says="cordiste, port du harnais"),
    Anchor("RS19814", "SAFETY", None, "Intervenir à proximité des réseaux enterrés", "masonry", "", says="AIPR"),
    Anchor("RS19815", "HYGIENE", None, "Hygiène alimentaire en restauration commerciale", "cooking", "", says="HACCP"),
    Anchor("RS19816", "HYGIENE", None, "Permis d’exploitation d’un débit de boissons", "hotel", "", says="licence de débit de boissons, bar"),
    Anchor("RS19817", "DIGITAL", None, "Maîtriser un tableur", "computing", "", says="Excel, bureautique"),
    Anchor("RS19818", "DIGITAL", None, "Compétences numériques au quotidien", "computing", "", says="bureautique, internet"),
    Anchor("RS19819", "DIGITAL", None, "Intégrer l’intelligence artificielle générative dans son activité", "computing", "", says="IA"),
    Anchor("RS19821", "DIGITAL", None, "Développer la visibilité d’un site internet", "communication", "", says="référencement, SEO"),
    Anchor("RS19822", "SKILL", None, "Créer et gérer une petite entreprise", "management", "", says="création d’entreprise, auto-entrepreneur"),
    Anchor("RS19823", "SKILL", None, "Conduire un projet avec les méthodes agiles", "management", "", says="Scrum, chef de projet"),
    Anchor("RS19824", "SKILL", None, "Exercer la mission de tuteur en entreprise", "hr", "", says="tutorat, maître d’apprentissage"),
    Anchor("RS19825", "SKILL", None, "Animer une formation à distance", "teaching", "", says="formateur occasionnel, e-learning"),
    Anchor("RS19826", "SKILL", None, "Concevoir un jardin en permaculture", "garden", "", says="permaculture, biodiversité"),
    Anchor("RS19828", "SKILL", None, "Prendre en compte la transition écologique dans son métier", "environment", ""),
    Anchor("RS19829", "SAFETY", None, "Certificat individuel d’utilisation des produits phytopharmaceutiques", "agriculture", "", says="Certiphyto"),
    Anchor("RS19830", "SAFETY", None, "Télépilote de drone civil", "aero", "", says="drone"),
    Anchor("RS19831", "SAFETY", None, "Assistance et secours en milieu aquatique", "sport", "", False, "surveillant de baignade", ""),
)  # fmt: skip

ANCHORS = _RNCP + _RS
