from kerasinpaint import cli, methods


def test_each_method_is_listed_with_what_it_does(capsys):
    assert cli.main(["methods"]) == 0
    lines = capsys.readouterr().out.splitlines()
    wanted = [*methods.names(), *methods.SMALL]
    assert [line.split()[0] for line in lines] == wanted
    assert all(len(line.split()) > 2 for line in lines)
