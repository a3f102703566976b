from kerasinpaint import cli, methods


def test_each_method_is_listed_with_what_it_does(capsys):
    assert cli.main(["methods"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == methods.names()
    assert all(len(line.split()) > 2 for line in lines)
