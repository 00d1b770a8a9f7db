namespace WhiteCross.Sidecar.Cel;

/// <summary>Reads an expression into what computes it.</summary>
internal sealed class CelParser
{
    // Neither deep nesting nor a long chain must end the process; no rule that somebody wrote comes near them.
    private const int MaxDepth = 64;
    private const int MaxTokens = 1000;

    private static readonly string[] Relations = ["==", "!=", "<", "<=", ">", ">="];
    private static readonly string[] Words = ["in", "has", "size", "int", "uint", "double", "string", "bool", "matches", "startsWith", "endsWith", "contains", "all", "exists", "map", "filter"];

    private readonly string _text;
    private readonly IReadOnlyCollection<string> _variables;
    private readonly List<CelToken> _tokens;
    private int _next;
    private int _depth;

    private CelParser(string text, IReadOnlyCollection<string> variables) => (_text, _variables, _tokens) = (text, variables, CelLexer.Cut(text));

    private CelToken Current => _tokens[_next];

    public static CelNode Parse(string text, IReadOnlyCollection<string> variables)
    {
        var parser = new CelParser(text, variables);
        if (parser._tokens.Count > MaxTokens)
        {
            throw new CelSyntaxException("the expression is too long", text, parser._tokens[MaxTokens].Offset);
        }

        var root = parser.Or();
        return parser.Current.Kind == CelTokenKind.End ? root : throw parser.Unexpected("an operator or the end");
    }

    private CelNode Or()
    {
        var left = And();
        while (Take("||"))
        {
            left = CelOperators.Either(left, And(), decides: true);
        }

        return left;
    }

    private CelNode And()
    {
        var left = Relation();
        while (Take("&&"))
        {
            left = CelOperators.Either(left, Relation(), decides: false);
        }

        return left;
    }

    private CelNode Relation()
    {
        var left = Product();
        while (Current.Kind == CelTokenKind.Symbol && Relations.Contains(Current.Text))
        {
            var symbol = _tokens[_next++].Text;
            left = CelOperators.Relation(symbol, left, Product());
        }

        return left;
    }

    private CelNode Product()
    {
        var left = Unary();
        while (Take("*"))
        {
            left = CelOperators.Product(left, Unary());
        }

        return left;
    }

    private CelNode Unary()
    {
        if (++_depth > MaxDepth)
        {
            throw new CelSyntaxException("the expression is nested too deeply", _text, Current.Offset);
        }

        var node = Take("!") ? CelOperators.Not(Unary()) : Take("-") ? CelOperators.Negative(Unary()) : Members(Value());
        _depth--;
        return node;
    }

    private CelNode Members(CelNode of)
    {
        while (Take("."))
        {
            var name = Current.Kind == CelTokenKind.Name ? _tokens[_next++] : throw Unexpected("the name of a member");
            RefuseCall(name);
            of = CelOperators.Member(of, name.Text);
        }

        return of;
    }

    private CelNode Value()
    {
        var token = Current;
        switch (token.Kind)
        {
            case CelTokenKind.Integer or CelTokenKind.Double or CelTokenKind.Text:
                _next++;
                return _ => token.Value;
            case CelTokenKind.Name:
                _next++;
                return Named(token);
            case CelTokenKind.Symbol when token.Text == "(":
                _next++;
                var inner = Or();
                return Take(")") ? inner : throw Unexpected("')'");
            default:
                throw Unexpected("a value");
        }
    }

    private CelNode Named(CelToken token)
    {
        switch (token.Text)
        {
            case "true" or "false":
                object flag = token.Text == "true";
                return _ => flag;
            case "null":
                return _ => null;
            default:
                RefuseCall(token);
                return _variables.Contains(token.Text)
                    ? variable => CelOperators.Value(variable(token.Text))
                    : throw new CelSyntaxException($"'{token.Text}' is not known; there is {string.Join(", ", _variables)}, found", _text, token.Offset);
        }
    }

    private void RefuseCall(CelToken name)
    {
        if (Current is { Kind: CelTokenKind.Symbol, Text: "(" })
        {
            throw new CelSyntaxException($"{name.Text}() is not served by the local sidecar", _text, name.Offset);
        }
    }

    private bool Take(string symbol)
    {
        if (Current.Kind != CelTokenKind.Symbol || Current.Text != symbol)
        {
            return false;
        }

        _next++;
        return true;
    }

    private CelSyntaxException Unexpected(string expected) => Current.Kind == CelTokenKind.Name && Words.Contains(Current.Text)
        ? new CelSyntaxException($"'{Current.Text}' is not served by the local sidecar", _text, Current.Offset)
        : new CelSyntaxException($"expected {expected} but found {Current.Description}", _text, Current.Offset);
}
