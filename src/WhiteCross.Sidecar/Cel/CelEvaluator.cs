namespace WhiteCross.Sidecar.Cel;

/// <summary>Computes the value of a parsed expression.</summary>
internal sealed class CelEvaluator(Func<string, object?> variable)
{
    // Elements of macros, innermost last; few, so that a list beats a dictionary.
    private readonly List<(string Name, object? Value)> _elements = [];

    public object? Evaluate(CelNode node) => node switch
    {
        CelNode.Literal literal => literal.Value,
        CelNode.Variable named => Variable(named.Name),
        CelNode.Member member => Member(Evaluate(member.Of), member.Name),
        CelNode.Has has => CelValue.TryMember(Evaluate(has.Of), has.Name, out _),
        CelNode.Index index => Index(Evaluate(index.Of), Evaluate(index.At)),
        CelNode.Unary unary => Unary(unary.Operator, Evaluate(unary.Operand)),
        CelNode.Binary { Operator: "&&" } and => Both(and.Left, and.Right, decides: false),
        CelNode.Binary { Operator: "||" } or => Both(or.Left, or.Right, decides: true),
        CelNode.Binary binary => Binary(binary.Operator, Evaluate(binary.Left), Evaluate(binary.Right)),
        CelNode.Conditional conditional => Flag(Evaluate(conditional.Condition)) ? Evaluate(conditional.Then) : Evaluate(conditional.Otherwise),
        CelNode.Call { Target: null } call => CelFunctions.Call(call.Function, [.. call.Arguments.Select(Evaluate)]),
        CelNode.Call call => CelFunctions.Call(call.Function, [Evaluate(call.Target), .. call.Arguments.Select(Evaluate)]),
        CelNode.Comprehension comprehension => Comprehension(comprehension),
        CelNode.ListOf list => list.Items.Select(Evaluate).ToList(),
        CelNode.MapOf map => Map(map),
        _ => throw new CelEvaluationException($"{node.GetType().Name} cannot be computed"),
    };

    private object? Variable(string name)
    {
        for (var index = _elements.Count - 1; index >= 0; index--)
        {
            if (_elements[index].Name == name)
            {
                return _elements[index].Value;
            }
        }

        return CelValue.Of(variable(name));
    }

    private static object? Member(object? of, string name) => CelValue.TryMember(of, name, out var value)
        ? value
        : throw new CelEvaluationException($"there is no member '{name}'");

    private static object? Index(object? of, object? at)
    {
        if (of is not List<object?> list)
        {
            return CelValue.TryMember(of, at, out var value) ? value : throw new CelEvaluationException("there is no such key");
        }

        return at switch
        {
            long position when position >= 0 && position < list.Count => list[(int)position],
            ulong position when position < (ulong)list.Count => list[(int)position],
            double position when position >= 0 && position < list.Count && Math.Truncate(position) == position => list[(int)position],
            long or ulong or double => throw new CelEvaluationException("an index is outside the list"),
            _ => throw new CelEvaluationException($"a list has no index of the type {CelValue.TypeName(at)}"),
        };
    }

    /// <summary>Either side may decide, whatever the other is: <c>false &amp;&amp; error</c> and <c>error &amp;&amp; false</c> are false.</summary>
    private bool Both(CelNode left, CelNode right, bool decides)
    {
        bool first;
        try
        {
            first = Flag(Evaluate(left));
        }
        catch (CelEvaluationException)
        {
            if (Flag(Evaluate(right)) == decides)
            {
                return decides;
            }

            throw;
        }

        return first == decides ? decides : Flag(Evaluate(right));
    }

    private static bool Flag(object? value) =>
        value as bool? ?? throw new CelEvaluationException($"a {CelValue.TypeName(value)} stands where true or false is needed");

    private static object Unary(string symbol, object? value) => (symbol, value) switch
    {
        ("!", bool flag) => !flag,
        ("-", long and not long.MinValue) => -(long)value,
        ("-", double number) => -number,
        _ => throw NoOperator(symbol, value),
    };

    private static object? Binary(string symbol, object? left, object? right) => symbol switch
    {
        "==" => CelValue.AreEqual(left, right),
        "!=" => !CelValue.AreEqual(left, right),
        "<" => CelValue.Compare(left, right) < 0,
        "<=" => CelValue.Compare(left, right) <= 0,
        ">" => CelValue.Compare(left, right) > 0,
        ">=" => CelValue.Compare(left, right) >= 0,
        "in" => In(left, right),
        _ => Arithmetic(symbol, left, right),
    };

    private static bool In(object? element, object? range) => range is List<object?> list
        ? list.Exists(item => CelValue.AreEqual(item, element))
        : CelValue.TryMember(range, element, out _);

    private static object Arithmetic(string symbol, object? left, object? right)
    {
        try
        {
            return (symbol, left, right) switch
            {
                ("+", long a, long b) => checked(a + b),
                ("-", long a, long b) => checked(a - b),
                ("*", long a, long b) => checked(a * b),
                ("/", long a, long b) => a / b,
                ("%", long a, long b) => a % b,
                ("+", ulong a, ulong b) => checked(a + b),
                ("-", ulong a, ulong b) => checked(a - b),
                ("*", ulong a, ulong b) => checked(a * b),
                ("/", ulong a, ulong b) => a / b,
                ("%", ulong a, ulong b) => a % b,
                ("+", double a, double b) => a + b,
                ("-", double a, double b) => a - b,
                ("*", double a, double b) => a * b,
                ("/", double a, double b) => a / b,
                ("+", string a, string b) => a + b,
                ("+", List<object?> a, List<object?> b) => new List<object?>([.. a, .. b]),
                _ => throw NoOperator(symbol, left, right),
            };
        }
        catch (Exception exception) when (exception is OverflowException or DivideByZeroException)
        {
            throw new CelEvaluationException($"'{symbol}' leaves the range of its numbers");
        }
    }

    private object Comprehension(CelNode.Comprehension comprehension)
    {
        var results = new List<object?>();
        var hits = 0;
        var passed = true;
        CelEvaluationException? failed = null;
        foreach (var element in CelValue.Elements(Evaluate(comprehension.Range)))
        {
            _elements.Add((comprehension.Element, element));
            try
            {
                var value = Evaluate(comprehension.Body);
                if (comprehension.Macro == "map")
                {
                    results.Add(value);
                    continue;
                }

                var hit = Flag(value);
                hits += hit ? 1 : 0;
                passed &= hit;
                if (comprehension.Macro == "filter" && hit)
                {
                    results.Add(element);
                }
            }
            catch (CelEvaluationException exception) when (comprehension.Macro is "all" or "exists")
            {
                // As with && and ||: another element may decide.
                failed = exception;
            }
            finally
            {
                _elements.RemoveAt(_elements.Count - 1);
            }
        }

        return comprehension.Macro switch
        {
            "map" or "filter" => results,
            "exists_one" => hits == 1,
            "exists" when hits > 0 => true,
            "all" when !passed => false,
            _ when failed is not null => throw failed,
            "exists" => false,
            _ => true,
        };
    }

    private Dictionary<object, object?> Map(CelNode.MapOf map)
    {
        var values = new Dictionary<object, object?>();
        foreach (var (key, value) in map.Members)
        {
            var name = Evaluate(key);
            if (name is not (string or long or ulong or bool))
            {
                throw new CelEvaluationException($"a {CelValue.TypeName(name)} cannot be the key of a map");
            }

            if (CelValue.TryMember(values, name, out _))
            {
                throw new CelEvaluationException("a map has the same key twice");
            }

            values.Add(name, Evaluate(value));
        }

        return values;
    }

    private static CelEvaluationException NoOperator(string symbol, params object?[] operands) =>
        new($"'{symbol}' does not go with {string.Join(" and ", operands.Select(CelValue.TypeName))}");
}
