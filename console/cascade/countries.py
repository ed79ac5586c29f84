"""The names of countries and territories, as far as telephone numbers tell them apart.

Our own small table (names as in Unicode CLDR): the numbering library's names come with its whole
geography, which costs seconds and some 180 MB to load.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from console.cascade.words import mark, tr

_NAMES: Final = MappingProxyType(
    {
        "AC": mark("Ascension Island"), "AD": mark("Andorra"), "AE": mark("United Arab Emirates"),
        "AF": mark("Afghanistan"), "AG": mark("Antigua & Barbuda"), "AI": mark("Anguilla"),
        "AL": mark("Albania"), "AM": mark("Armenia"), "AO": mark("Angola"), "AR": mark("Argentina"),
        "AS": mark("American Samoa"), "AT": mark("Austria"), "AU": mark("Australia"), "AW": mark("Aruba"),
        "AX": mark("Åland Islands"), "AZ": mark("Azerbaijan"), "BA": mark("Bosnia & Herzegovina"),
        "BB": mark("Barbados"), "BD": mark("Bangladesh"), "BE": mark("Belgium"), "BF": mark("Burkina Faso"),
        "BG": mark("Bulgaria"), "BH": mark("Bahrain"), "BI": mark("Burundi"), "BJ": mark("Benin"),
        "BL": mark("St. Barthélemy"), "BM": mark("Bermuda"), "BN": mark("Brunei"), "BO": mark("Bolivia"),
        "BQ": mark("Caribbean Netherlands"), "BR": mark("Brazil"), "BS": mark("Bahamas"),
        "BT": mark("Bhutan"), "BW": mark("Botswana"), "BY": mark("Belarus"), "BZ": mark("Belize"),
        "CA": mark("Canada"), "CC": mark("Cocos (Keeling) Islands"), "CD": mark("Congo - Kinshasa"),
        "CF": mark("Central African Republic"), "CG": mark("Congo - Brazzaville"),
        "CH": mark("Switzerland"), "CI": mark("Côte d’Ivoire"), "CK": mark("Cook Islands"),
        "CL": mark("Chile"), "CM": mark("Cameroon"), "CN": mark("China"), "CO": mark("Colombia"),
        "CR": mark("Costa Rica"), "CU": mark("Cuba"), "CV": mark("Cape Verde"), "CW": mark("Curaçao"),
        "CX": mark("Christmas Island"), "CY": mark("Cyprus"), "CZ": mark("Czechia"), "DE": mark("Germany"),
        "DJ": mark("Djibouti"), "DK": mark("Denmark"), "DM": mark("Dominica"),
        "DO": mark("Dominican Republic"), "DZ": mark("Algeria"), "EC": mark("Ecuador"),
        "EE": mark("Estonia"), "EG": mark("Egypt"), "EH": mark("Western Sahara"), "ER": mark("Eritrea"),
        "ES": mark("Spain"), "ET": mark("Ethiopia"), "FI": mark("Finland"), "FJ": mark("Fiji"),
        "FK": mark("Falkland Islands"), "FM": mark("Micronesia"), "FO": mark("Faroe Islands"),
        "FR": mark("France"), "GA": mark("Gabon"), "GB": mark("United Kingdom"), "GD": mark("Grenada"),
        "GE": mark("Georgia"), "GF": mark("French Guiana"), "GG": mark("Guernsey"), "GH": mark("Ghana"),
        "GI": mark("Gibraltar"), "GL": mark("Greenland"), "GM": mark("Gambia"), "GN": mark("Guinea"),
        "GP": mark("Guadeloupe"), "GQ": mark("Equatorial Guinea"), "GR": mark("Greece"),
        "GT": mark("Guatemala"), "GU": mark("Guam"), "GW": mark("Guinea-Bissau"), "GY": mark("Guyana"),
        "HK": mark("Hong Kong"), "HN": mark("Honduras"), "HR": mark("Croatia"), "HT": mark("Haiti"),
        "HU": mark("Hungary"), "ID": mark("Indonesia"), "IE": mark("Ireland"), "IL": mark("Israel"),
        "IM": mark("Isle of Man"), "IN": mark("India"), "IO": mark("British Indian Ocean Territory"),
        "IQ": mark("Iraq"), "IR": mark("Iran"), "IS": mark("Iceland"), "IT": mark("Italy"),
        "JE": mark("Jersey"), "JM": mark("Jamaica"), "JO": mark("Jordan"), "JP": mark("Japan"),
        "KE": mark("Kenya"), "KG": mark("Kyrgyzstan"), "KH": mark("Cambodia"), "KI": mark("Kiribati"),
        "KM": mark("Comoros"), "KN": mark("St. Kitts & Nevis"), "KP": mark("North Korea"),
        "KR": mark("South Korea"), "KW": mark("Kuwait"), "KY": mark("Cayman Islands"),
        "KZ": mark("Kazakhstan"), "LA": mark("Laos"), "LB": mark("Lebanon"), "LC": mark("St. Lucia"),
        "LI": mark("Liechtenstein"), "LK": mark("Sri Lanka"), "LR": mark("Liberia"), "LS": mark("Lesotho"),
        "LT": mark("Lithuania"), "LU": mark("Luxembourg"), "LV": mark("Latvia"), "LY": mark("Libya"),
        "MA": mark("Morocco"), "MC": mark("Monaco"), "MD": mark("Moldova"), "ME": mark("Montenegro"),
        "MF": mark("St. Martin"), "MG": mark("Madagascar"), "MH": mark("Marshall Islands"),
        "MK": mark("North Macedonia"), "ML": mark("Mali"), "MM": mark("Myanmar"), "MN": mark("Mongolia"),
        "MO": mark("Macao"), "MP": mark("Northern Mariana Islands"), "MQ": mark("Martinique"),
        "MR": mark("Mauritania"), "MS": mark("Montserrat"), "MT": mark("Malta"), "MU": mark("Mauritius"),
        "MV": mark("Maldives"), "MW": mark("Malawi"), "MX": mark("Mexico"), "MY": mark("Malaysia"),
        "MZ": mark("Mozambique"), "NA": mark("Namibia"), "NC": mark("New Caledonia"), "NE": mark("Niger"),
        "NF": mark("Norfolk Island"), "NG": mark("Nigeria"), "NI": mark("Nicaragua"),
        "NL": mark("Netherlands"), "NO": mark("Norway"), "NP": mark("Nepal"), "NR": mark("Nauru"),
        "NU": mark("Niue"), "NZ": mark("New Zealand"), "OM": mark("Oman"), "PA": mark("Panama"),
        "PE": mark("Peru"), "PF": mark("French Polynesia"), "PG": mark("Papua New Guinea"),
        "PH": mark("Philippines"), "PK": mark("Pakistan"), "PL": mark("Poland"),
        "PM": mark("St. Pierre & Miquelon"), "PR": mark("Puerto Rico"), "PS": mark("Palestine"),
        "PT": mark("Portugal"), "PW": mark("Palau"), "PY": mark("Paraguay"), "QA": mark("Qatar"),
        "RE": mark("Réunion"), "RO": mark("Romania"), "RS": mark("Serbia"), "RU": mark("Russia"),
        "RW": mark("Rwanda"), "SA": mark("Saudi Arabia"), "SB": mark("Solomon Islands"),
        "SC": mark("Seychelles"), "SD": mark("Sudan"), "SE": mark("Sweden"), "SG": mark("Singapore"),
        "SH": mark("St. Helena"), "SI": mark("Slovenia"), "SJ": mark("Svalbard & Jan Mayen"),
        "SK": mark("Slovakia"), "SL": mark("Sierra Leone"), "SM": mark("San Marino"), "SN": mark("Senegal"),
        "SO": mark("Somalia"), "SR": mark("Suriname"), "SS": mark("South Sudan"),
        "ST": mark("São Tomé & Príncipe"), "SV": mark("El Salvador"), "SX": mark("Sint Maarten"),
        "SY": mark("Syria"), "SZ": mark("Eswatini"), "TA": mark("Tristan da Cunha"),
        "TC": mark("Turks & Caicos Islands"), "TD": mark("Chad"), "TG": mark("Togo"),
        "TH": mark("Thailand"), "TJ": mark("Tajikistan"), "TK": mark("Tokelau"), "TL": mark("Timor-Leste"),
        "TM": mark("Turkmenistan"), "TN": mark("Tunisia"), "TO": mark("Tonga"), "TR": mark("Türkiye"),
        "TT": mark("Trinidad & Tobago"), "TV": mark("Tuvalu"), "TW": mark("Taiwan"), "TZ": mark("Tanzania"),
        "UA": mark("Ukraine"), "UG": mark("Uganda"), "US": mark("United States"), "UY": mark("Uruguay"),
        "UZ": mark("Uzbekistan"), "VA": mark("Vatican City"), "VC": mark("St. Vincent & Grenadines"),
        "VE": mark("Venezuela"), "VG": mark("British Virgin Islands"), "VI": mark("U.S. Virgin Islands"),
        "VN": mark("Vietnam"), "VU": mark("Vanuatu"), "WF": mark("Wallis & Futuna"), "WS": mark("Samoa"),
        "XK": mark("Kosovo"), "YE": mark("Yemen"), "YT": mark("Mayotte"), "ZA": mark("South Africa"),
        "ZM": mark("Zambia"), "ZW": mark("Zimbabwe"),
    }
)  # fmt: skip


def country_name(region: str | None) -> str | None:
    """The name of an ISO 3166 region (``"RS"`` → ``Serbia``) in the language in use."""
    name = _NAMES.get(region or "")
    return tr(name) if name is not None else None
