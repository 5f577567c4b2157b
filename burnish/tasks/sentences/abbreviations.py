"""Words before a full stop that does not end a sentence, in English, German, French and Dutch.

The general ones are a choice from the tables of pysbd 0.3.4 (MIT). The legal ones are those that
citations by The Indigo Book, OSCOLA and Kirchner's Abkürzungsverzeichnis der Rechtssprache, and
French and Dutch ones use most; the clinical ones are those of notes and discharge letters. Neither
is complete. A word that often ends a sentence needs a number, or a word that starts one, after it.

All in lower case, without the last full stop and without spaces: ``z. B.`` is ``z.b``.
"""

from __future__ import annotations

__all__ = ["BEFORE_NUMBER", "ENDINGS", "INNER", "LAST", "MONTHS", "ORDERED", "ORDINAL", "STARTERS"]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


INNER = _words("""
    dr prof mr mrs ms mx st mt messrs hon fr sr capt cmdr col gen gov lt maj sgt sen rep supt
    cf viz vs esp approx incl excl e.g i.e ca resp
    bd assn ass'n dept dep't gov't int'l nat'l comm'n educ mfg ry civ proc evid
    bankr cir dist ed l.ed f.supp r.civ so.2d s.ct aff'd rev'd
    para paras cl cls regs sched subs ss v no nos n
    jan feb febr mar apr jun jul aug sep sept oct okt nov dec dez janv févr avr juil déc
    vgl bzw bspw beispielsw gem ggf ggfs evtl sog sogen insb insbes einschl entspr grds ggü bzgl
    betr zzgl abzgl z.b d.h i.v.m i.s.d i.s.v i.d.r i.d.f i.h.v i.e.s i.w.s i.ü ivm isd isv ihv
    idr idf zb dh u.u u.e m.e z.t z.zt
    z.z o.g o.ä z.hd v.a z.n urt beschl verf entsch az abs nr nrn art artt ziff buchst rn rdnr
    rz tz
    hs halbs anm anl kap hrsg aufl verl dipl ing jur rer habil geb verh gest inh
    lfd str mio mrd di kath allg jew zul zit olg lg ag rspr
    mme mlle mgr me préc préf éd cass req ass plén bull chron obs comm concl
    c.-à-d p.ex réf av boul tél env
    dhr mw mevr mej drs ir jhr bijv bv blz jo juncto nrs lid t.a.v m.b.t d.w.z d.m.v i.p.v t.o.v
    m.u.v a.g.v m.n n.a.v o.g.v zgn evt vlg rb
    pt pts hx dx tx rx sx fx px wt ht temp tbl syst diast abd
    neuro pulm gastr y.o r.r b.p h.r pat diagn ther unters
    rezid ak akt vd va zn st.p
""")
"""What comes after belongs to the same sentence."""

LAST = _words("""
    al etc inc ltd co corp llc llp plc bros jr sr esq ph.d m.d u.s u.k u.s.c c.f.r a.m p.m b.i.d
    t.i.d q.i.d q.d q.h q.hs p.r.n n.p.o ibid id op.cit loc.cit seq ff f usw usf u.a u.ä u.v.m u.dgl
    o.ä a.a.o m.w.n m.w.nachw st.rspr h.m a.f n.f s.o s.u rspr gmbh u.s.w c.civ c.pén c.trav c.com
    c.cass suiv ss s.a s.a.r.l n.v b.v e.v enz e.d e.a o.a c.s e.v.t ed eds edn vol vols sqq
    fed app lab med stat reg mm soc com mag div ct mut ins bes p.o i.v i.m s.c tgl tabl caps inj
    amp susp supp sol li re bds unauff nat crim phil rev ev tel
""")
"""May end a sentence, or is a word besides: it does where the next usually starts one."""

BEFORE_NUMBER = _words("""
    no nos art arts sec secs s fig figs p pp par pars ch chap vol pt col l ll r max min tab kap op
    rec reg r.o lit let lett al n nn note c fn cap ex exh doc dkt t tit h bl s.o rule subsec temp
    hb hr rr bp gem gr st aufl
""")
"""Only before a number, a section sign or another abbreviation of this kind."""

ENDINGS = _words("o.b")
"""Look like initials, and end a sentence: ``Cor o. B.``."""

MONTHS = _words("""
    january february march april may june july august september october november december
    jan feb febr mar apr jun jul aug sep sept oct nov dec
    januar jänner februar märz mai juni juli oktober dezember jän mär okt dez
    janvier février mars avril juin juillet août septembre octobre novembre décembre
    janv févr avr juil déc
    januari februari maart mei augustus
""")

ORDINAL = _words("""
    der die das des dem den am im vom zum zur beim seit bis ab und oder ein eine einem einen einer
    ihr sein jeder jede jedes dieser diese dieses unser ersten
""")
"""German words after which a number with a full stop is an ordinal: ``der 3. Senat``."""

ORDERED = _words("""
    aufl auflage senat zivilsenat strafsenat kammer zivilkammer strafkammer jahrhundert jh jhd
    lebensjahr lebensjahres halbsatz hs alt alternative var spiegelstrich quartal instanz ed éd
""")
"""Words that are numbered: a number with a full stop before them is an ordinal."""

STARTERS = _words("""
    a an the this that these those he she it we they i you his her its our their there here in on
    at by for from to of as if when while where who what why how after before because since although
    though however moreover furthermore thus therefore hence accordingly but and or nor so yet no
    not all any each every some such under with without plaintiff plaintiffs defendant defendants
    appellant appellee respondent petitioner counsel patient
    der die das den dem des ein eine einer eines einem einen er sie es wir ihr ich du dies diese
    dieser dieses jener hier dort da daher dabei damit dazu dagegen denn deshalb deswegen danach
    darauf demnach dennoch doch jedoch aber auch auf aus bei für gegen im in mit nach nachdem nicht
    ob obwohl ohne seit so sodann soweit sofern somit über um und unter von vor während wegen weil
    wenn wer wie wird zu zum zur zwar
    le la les l un une des ce cet cette ces il elle ils elles on nous vous je en dans sur pour par
    avec sans selon attendu que qui mais or donc ainsi toutefois cependant lorsque si au aux
    de het een dit dat deze die hij zij ze wij ik er hier daar maar want dus ook als bij met naar
    om op over te tegen tot uit van volgens voor zonder
""")
"""Words that usually start a sentence where they begin with a capital."""
