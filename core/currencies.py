"""The currencies of ISO 4217 that people pay with, each with its own decimals.

From the standard's list of active currencies (SIX, list one, as of 2026-01-01), without funds codes
(CLF, UYW, CHE …), precious metals, units of account (XDR) and codes for tests. How a country
displays its money is another matter: RSD and LBP are shown without decimals and have two. A code
that was withdrawn (HRK, BGN, ZWL) is none any more; amounts stored in it stay readable.
"""

_NONE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_TWO = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY
COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF
IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR
MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG
SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES
WST XCD XCG YER ZAR ZMW ZWG
"""
_THREE = "BHD IQD JOD KWD LYD OMR TND"

DECIMALS: dict[str, int] = {
    code: places for places, codes in ((0, _NONE), (2, _TWO), (3, _THREE)) for code in codes.split()
}
# What amounts in a code that is in no list have: the rule of ISO 4217 unless it says otherwise.
OTHERWISE = 2
