module borel

go 1.26
