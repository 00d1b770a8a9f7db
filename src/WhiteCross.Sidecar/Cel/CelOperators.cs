using System.Text.Json;

namespace WhiteCross.Sidecar.Cel;

/// <summary>
/// What the parts of an expression compute. Values are null, bool, long, double, string, and parts of a JSON document, whose numbers are doubles as
/// in Dapr.
/// </summary>
internal static class CelOperators
{
    public static object? Value(object? value) => value is JsonElement element
        ? element.ValueKind switch
        {
            JsonValueKind.String => element.GetString(),
            JsonValueKind.Number => element.GetDouble(),
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.Object or JsonValueKind.Array => element,
            _ => null,
        }
        : value;

    public static CelNode Member(CelNode of, string name) => variable => of(variable) switch
    {
        JsonElement { ValueKind: JsonValueKind.Object } element => element.TryGetProperty(name, out var member)
            ? Value(member)
            : throw new CelEvaluationException($"there is no member '{name}'"),
        var other => throw new CelEvaluationException($"a {TypeName(other)} has no members"),
    };

    public static CelNode Not(CelNode operand) => variable => !Flag(operand(variable));

    // As objects, here and in products: of two kinds of numbers the compiler would make doubles.
    public static CelNode Negative(CelNode operand) => variable => operand(variable) switch
    {
        long number => (object)-number,
        double number => -number,
        var other => throw new CelEvaluationException($"'-' does not go with {TypeName(other)}"),
    };

    /// <summary>Either side may decide, whatever the other is: <c>false &amp;&amp; error</c> and <c>error &amp;&amp; false</c> are false.</summary>
    public static CelNode Either(CelNode left, CelNode right, bool decides) => variable =>
    {
        bool first;
        try
        {
            first = Flag(left(variable));
        }
        catch (CelEvaluationException)
        {
            if (Flag(right(variable)) == decides)
            {
                return decides;
            }

            throw;
        }

        return first == decides ? decides : Flag(right(variable));
    };

    public static CelNode Product(CelNode left, CelNode right) => variable => (left(variable), right(variable)) switch
    {
        (long a, long b) => Math.BigMul(a, b) is var product && product >= long.MinValue && product <= long.MaxValue
            ? (object)(long)product
            : throw new CelEvaluationException("'*' leaves the range of its numbers"),
        (double a, double b) => a * b,
        var (a, b) => throw new CelEvaluationException($"'*' does not go with {TypeName(a)} and {TypeName(b)}"),
    };

    public static CelNode Relation(string symbol, CelNode left, CelNode right) => symbol switch
    {
        "==" => variable => AreEqual(left(variable), right(variable)),
        "!=" => variable => !AreEqual(left(variable), right(variable)),
        "<" => variable => Compare(left(variable), right(variable)) < 0,
        "<=" => variable => Compare(left(variable), right(variable)) <= 0,
        ">" => variable => Compare(left(variable), right(variable)) > 0,
        _ => variable => Compare(left(variable), right(variable)) >= 0,
    };

    private static bool Flag(object? value) =>
        value as bool? ?? throw new CelEvaluationException($"a {TypeName(value)} stands where true or false is needed");

    // Values of different types are unequal, but numbers are compared by what they are worth.
    private static bool AreEqual(object? left, object? right) => (left, right) switch
    {
        (long or double, long or double) => Compare(left, right) == 0,
        (JsonElement a, JsonElement b) => JsonElement.DeepEquals(a, b),
        _ => Equals(left, right),
    };

    private static int? Compare(object? left, object? right) => (left, right) switch
    {
        (long a, long b) => a.CompareTo(b),
        (double a, double b) => Compare(a, b),
        (long a, double b) => Compare(a, b),
        (double a, long b) => -Compare(b, a),
        (string a, string b) => string.CompareOrdinal(a, b),
        (bool a, bool b) => a.CompareTo(b),
        _ => throw new CelEvaluationException($"{TypeName(left)} and {TypeName(right)} have no order"),
    };

    private static int? Compare(double left, double right) => double.IsNaN(left) || double.IsNaN(right) ? null : left.CompareTo(right);

    // Exactly, also where the integer is none that a double can hold.
    private static int? Compare(long left, double right) => double.IsNaN(right) ? null
        : right >= 9223372036854775808d ? -1
        : right < -9223372036854775808d ? 1
        : left.CompareTo((long)Math.Truncate(right)) is var order && order != 0 ? order
        : 0d.CompareTo(right - Math.Truncate(right));

    private static string TypeName(object? value) => value switch
    {
        null => "null",
        bool => "bool",
        long => "int",
        double => "double",
        string => "string",
        JsonElement { ValueKind: JsonValueKind.Array } => "list",
        _ => "map",
    };
}
