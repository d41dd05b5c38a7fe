$( A small logic, for tests. $)
$c ( ) -> = wff set |- A. $.
$v p q r x y $.
wp $f wff p $. wq $f wff q $. wr $f wff r $. vx $f set x $. vy $f set y $.
wi $a wff ( p -> q ) $.
weq $a wff x = y $.
wal $a wff A. x p $.
ax1 $a |- ( p -> ( q -> p ) ) $.
ax2 $a |- ( ( p -> ( q -> r ) ) -> ( ( p -> q ) -> ( p -> r ) ) ) $.
${
  mp.1 $e |- p $.
  mp.2 $e |- ( p -> q ) $.
  mp $a |- q $.
$}
${ $d x p $. ax5 $a |- ( p -> A. x p ) $. $}
${ gen.1 $e |- p $. gen $a |- A. x p $. $}
${ $d x p $. dn.1 $e |- p $. dn.2 $e |- A. x p $. dn $a |- p $. $}
axsp $a |- ( A. x p -> p ) $.

id $p |- ( p -> p ) $= ( wi ax1 ax2 mp ) AAABZBZFAACAFABBGFBAFCAFADEE $.
id2 $p |- ( p -> p ) $= wp id $.
${
  a1d.1 $e |- p $.
  a1d $p |- ( q -> p ) $= wp wq wp wi a1d.1 wp wq ax1 mp $.
$}
sp $p |- ( A. x p -> p ) $= wp vx axsp $.
${ $d x p $. ax5t $p |- ( p -> A. x p ) $= wp vx ax5 $. $}
$( Without $d it cannot be proved so; it follows from a tautology of the tests' own. $)
${ ax5f.1 $e |- ( p -> A. x p ) $. ax5f $p |- ( p -> A. x p ) $= ax5f.1 $. $}
${ $d x p $. dum.1 $e |- p $. dum $p |- p $= wp vx dum.1 wp vx dum.1 gen dn $. $}
$c K $.
