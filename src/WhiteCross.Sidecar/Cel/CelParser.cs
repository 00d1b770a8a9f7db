namespace WhiteCross.Sidecar.Cel;

/// <summary>Recursive descent over the grammar of CEL, without messages, bytes, timestamps and durations.</summary>
internal sealed class CelParser
{
    private const int MaxDepth = 100;

    // Chains such as a.b.c and 1 + 1 + 1 are computed recursively: this many characters make no chain that a stack cannot hold.
    private const int MaxLength = 4096;

    private static readonly string[] Macros = ["all", "exists", "exists_one", "filter", "map"];

    // The names that the language reserves for its hosts' languages.
    private static readonly HashSet<string> Reserved = new(StringComparer.Ordinal)
    {
        "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package", "namespace", "return", "var",
        "void", "while", "in",
    };

    private readonly string _text;
    private readonly List<CelToken> _tokens;
    private readonly IReadOnlyCollection<string> _variables;
    private readonly Stack<string> _elements = new();
    private int _at;
    private int _depth;

    private CelParser(string text, IReadOnlyCollection<string> variables) =>
        (_text, _tokens, _variables) = (text, CelLexer.Read(text), variables);

    private CelToken Current => _tokens[_at];

    public static CelNode Parse(string text, IReadOnlyCollection<string> variables)
    {
        if (text.Length > MaxLength)
        {
            throw new CelSyntaxException(text[..32] + "…", MaxLength, $"an expression has at most {MaxLength} characters, this one is longer");
        }

        var parser = new CelParser(text, variables);
        var node = parser.Expression();
        return parser.Current.Kind == CelTokenKind.End ? node : throw parser.Unexpected("an operator or the end");
    }

    private CelNode Expression()
    {
        if (++_depth > MaxDepth)
        {
            throw new CelSyntaxException(_text, Current.Offset, "the expression is nested too deeply");
        }

        var condition = Or();
        if (Take("?"))
        {
            var then = Or();
            Expect(":");
            condition = new CelNode.Conditional(condition, then, Expression());
        }

        _depth--;
        return condition;
    }

    private CelNode Or() => LeftToRight(And, "||");

    private CelNode And() => LeftToRight(Relation, "&&");

    private CelNode Relation()
    {
        var left = Sum();
        while (true)
        {
            if (Current is { Kind: CelTokenKind.Identifier, Value: "in" })
            {
                _at++;
                left = new CelNode.Binary("in", left, Sum());
            }
            else if (TakeAny("==", "!=", "<=", ">=", "<", ">") is { } symbol)
            {
                left = new CelNode.Binary(symbol, left, Sum());
            }
            else
            {
                return left;
            }
        }
    }

    private CelNode Sum() => LeftToRight(Product, "+", "-");

    private CelNode Product() => LeftToRight(Unary, "*", "/", "%");

    private CelNode LeftToRight(Func<CelNode> operand, params string[] symbols)
    {
        var left = operand();
        while (TakeAny(symbols) is { } symbol)
        {
            left = new CelNode.Binary(symbol, left, operand());
        }

        return left;
    }

    private CelNode Unary()
    {
        if (TakeAny("!", "-") is not { } symbol)
        {
            return Postfix(Primary());
        }

        if (symbol == "-" && Current.Kind is CelTokenKind.Integer)
        {
            var digits = (ulong)_tokens[_at++].Value;
            return Postfix(new CelNode.Literal(digits > long.MaxValue ? long.MinValue : -(long)digits));
        }

        if (++_depth > MaxDepth)
        {
            throw new CelSyntaxException(_text, Current.Offset, "the expression is nested too deeply");
        }

        var operand = Unary();
        _depth--;
        return new CelNode.Unary(symbol, operand);
    }

    private CelNode Postfix(CelNode node)
    {
        while (true)
        {
            if (Take("."))
            {
                node = MemberOrMethod(node);
            }
            else if (Take("["))
            {
                node = new CelNode.Index(node, Expression());
                Expect("]");
            }
            else
            {
                return node;
            }
        }
    }

    private CelNode MemberOrMethod(CelNode target)
    {
        var name = Current;
        if (name.Kind != CelTokenKind.Identifier)
        {
            throw Unexpected("the name of a member");
        }

        _at++;
        var text = (string)name.Value;
        if (!Take("("))
        {
            return new CelNode.Member(target, text);
        }

        if (Macros.Contains(text))
        {
            return Comprehension(text, target);
        }

        return Call(name, target, Arguments());
    }

    private CelNode.Comprehension Comprehension(string macro, CelNode range)
    {
        if (Current.Kind != CelTokenKind.Identifier)
        {
            throw Unexpected("the name of the element");
        }

        var element = (string)_tokens[_at++].Value;
        Expect(",");
        _elements.Push(element);
        var body = Expression();
        _elements.Pop();
        Expect(")");
        return new CelNode.Comprehension(macro, range, element, body);
    }

    private CelNode Primary()
    {
        var token = Current;
        switch (token.Kind)
        {
            case CelTokenKind.Integer:
                _at++;
                return new CelNode.Literal((ulong)token.Value <= long.MaxValue
                    ? (long)(ulong)token.Value
                    : throw new CelSyntaxException(_text, token.Offset, "an integer is too large"));
            case CelTokenKind.Unsigned or CelTokenKind.Double or CelTokenKind.Text:
                _at++;
                return new CelNode.Literal(token.Value);
            case CelTokenKind.Identifier:
                _at++;
                return Named(token);
            default:
                break;
        }

        if (Take("("))
        {
            var inner = Expression();
            Expect(")");
            return inner;
        }

        if (Take("["))
        {
            return new CelNode.ListOf(Sequence("]", Expression));
        }

        if (Take("{"))
        {
            return new CelNode.MapOf(Sequence("}", () =>
            {
                var key = Expression();
                Expect(":");
                return (key, Expression());
            }));
        }

        throw Unexpected("a value");
    }

    private CelNode Named(CelToken token)
    {
        var name = (string)token.Value;
        switch (name)
        {
            case "true":
                return new CelNode.Literal(true);
            case "false":
                return new CelNode.Literal(false);
            case "null":
                return new CelNode.Literal(null);
            default:
                break;
        }

        if (Reserved.Contains(name))
        {
            throw new CelSyntaxException(_text, token.Offset, $"'{name}' is reserved and cannot be a name");
        }

        if (Take("("))
        {
            var arguments = Arguments();
            if (name != "has")
            {
                return Call(token, null, arguments);
            }

            return arguments is [CelNode.Member member]
                ? new CelNode.Has(member.Of, member.Name)
                : throw new CelSyntaxException(_text, token.Offset, "has() takes one member, such as has(event.data)");
        }

        return _variables.Contains(name) || _elements.Contains(name)
            ? new CelNode.Variable(name)
            : throw new CelSyntaxException(_text, token.Offset, $"'{name}' is not known; there is {string.Join(", ", _variables)}, found");
    }

    private CelNode.Call Call(CelToken name, CelNode? target, List<CelNode> arguments)
    {
        var function = (string)name.Value;
        if (!CelFunctions.Takes(function, target is not null, arguments.Count))
        {
            throw new CelSyntaxException(
                _text,
                name.Offset,
                $"there is no {(target is null ? "function" : "method")} {function}() with {(arguments.Count == 1 ? "one argument" : $"{arguments.Count} arguments")}, called");
        }

        return new CelNode.Call(function, target, arguments);
    }

    private List<CelNode> Arguments() => Sequence(")", Expression);

    private List<T> Sequence<T>(string end, Func<T> item)
    {
        var items = new List<T>();
        while (!Take(end))
        {
            if (items.Count > 0)
            {
                Expect(",");
                if (end != ")" && Take(end))
                {
                    return items;
                }
            }

            items.Add(item());
        }

        return items;
    }

    private bool Take(string symbol)
    {
        if (!Current.Is(symbol))
        {
            return false;
        }

        _at++;
        return true;
    }

    private string? TakeAny(params string[] symbols)
    {
        foreach (var symbol in symbols)
        {
            if (Take(symbol))
            {
                return symbol;
            }
        }

        return null;
    }

    private void Expect(string symbol)
    {
        if (!Take(symbol))
        {
            throw Unexpected($"'{symbol}'");
        }
    }

    private CelSyntaxException Unexpected(string expected) => new(_text, Current.Offset, $"expected {expected} but found {Current.Shown}");
}
