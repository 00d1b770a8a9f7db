using System.Collections;
using System.Globalization;
using System.Text.Json;

namespace WhiteCross.Sidecar.Cel;

/// <summary>
/// Values are null, bool, long, ulong, double, string, <c>List&lt;object?&gt;</c> and <c>Dictionary&lt;object, object?&gt;</c>; parts of a
/// JSON document are converted when they are reached. JSON numbers are doubles, as they are in Dapr.
/// </summary>
internal static class CelValue
{
    public static string TypeName(object? value) => value switch
    {
        null => "null",
        bool => "bool",
        long => "int",
        ulong => "uint",
        double => "double",
        string => "string",
        List<object?> => "list",
        Dictionary<object, object?> or JsonMap => "map",
        _ => throw new CelEvaluationException($"a value of the type {value.GetType().Name} cannot be used in an expression"),
    };

    public static object? Of(object? value) => value switch
    {
        JsonElement element => OfJson(element),
        int number => (long)number,
        uint number => (ulong)number,
        float number => (double)number,
        _ => value,
    };

    public static object? OfJson(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => element.GetString(),
        JsonValueKind.Number => element.GetDouble(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Array => element.EnumerateArray().Select(OfJson).ToList(),
        JsonValueKind.Object => new JsonMap(element),
        _ => null,
    };

    public static bool TryMember(object? map, object? key, out object? value)
    {
        switch (map)
        {
            case JsonMap json when key is string name:
                var found = json.Element.TryGetProperty(name, out var member);
                value = found ? OfJson(member) : null;
                return found;
            case Dictionary<object, object?> dictionary when key is not null:
                foreach (var (candidate, item) in dictionary)
                {
                    if (AreEqual(candidate, key))
                    {
                        value = item;
                        return true;
                    }
                }

                value = null;
                return false;
            case JsonMap or Dictionary<object, object?>:
                value = null;
                return false;
            default:
                throw new CelEvaluationException($"a {TypeName(map)} has no members");
        }
    }

    public static bool AreEqual(object? left, object? right) => (left, right) switch
    {
        (null, null) => true,
        (null, _) or (_, null) => false,
        (string a, string b) => string.Equals(a, b, StringComparison.Ordinal),
        (bool a, bool b) => a == b,
        (List<object?> a, List<object?> b) => a.Count == b.Count && a.Zip(b).All(pair => AreEqual(pair.First, pair.Second)),
        (JsonMap or Dictionary<object, object?>, JsonMap or Dictionary<object, object?>) => MapsAreEqual(Members(left), Members(right), right),
        _ => IsNumber(left) && IsNumber(right) && CompareNumbers(left, right) == 0,
    };

    /// <returns>Below, at or above zero; null where one is NaN.</returns>
    public static int? Compare(object? left, object? right) => (left, right) switch
    {
        (string a, string b) => string.CompareOrdinal(a, b),
        (bool a, bool b) => a.CompareTo(b),
        _ when IsNumber(left) && IsNumber(right) => CompareNumbers(left!, right!),
        _ => throw new CelEvaluationException($"{TypeName(left)} and {TypeName(right)} have no order"),
    };

    public static IEnumerable<object?> Elements(object? range) => range switch
    {
        List<object?> list => list,
        JsonMap or Dictionary<object, object?> => Members(range).Select(member => (object?)member.Key),
        _ => throw new CelEvaluationException($"a {TypeName(range)} has no elements"),
    };

    private static bool IsNumber(object? value) => value is long or ulong or double;

    private static int? CompareNumbers(object left, object right) => (left, right) switch
    {
        (long a, long b) => a.CompareTo(b),
        (ulong a, ulong b) => a.CompareTo(b),
        (double a, double b) => CompareDoubles(a, b),
        (double a, _) => Negate(CompareWhole(right, a)),
        (_, double b) => CompareWhole(left, b),
        _ => ToDecimal(left).CompareTo(ToDecimal(right)),
    };

    private static int? Negate(int? order) => -order;

    private static int? CompareDoubles(double a, double b) => double.IsNaN(a) || double.IsNaN(b) ? null : a.CompareTo(b);

    // Exact even where a double has fewer digits than a long: everything below 2^64 fits a decimal.
    private static int? CompareWhole(object whole, double other) => other switch
    {
        double.NaN => null,
        >= 1.8446744073709552e19 => -1,
        <= -1.8446744073709552e19 => 1,
        _ => ToDecimal(whole).CompareTo(Math.Truncate(other) == other ? new decimal(Math.Truncate(other)) : (decimal)other),
    };

    private static decimal ToDecimal(object whole) => Convert.ToDecimal(whole, CultureInfo.InvariantCulture);

    private static IReadOnlyList<KeyValuePair<object, object?>> Members(object map) => map is JsonMap json
        ? [.. json.Element.EnumerateObject().Select(member => KeyValuePair.Create((object)member.Name, OfJson(member.Value)))]
        : [.. (Dictionary<object, object?>)map];

    private static bool MapsAreEqual(
        IReadOnlyList<KeyValuePair<object, object?>> left, IReadOnlyList<KeyValuePair<object, object?>> right, object rightMap) =>
        left.Count == right.Count && left.All(member => TryMember(rightMap, member.Key, out var other) && AreEqual(member.Value, other));

    /// <summary>An object of a JSON document; a collection so that size() counts it.</summary>
    internal sealed class JsonMap(JsonElement element) : ICollection
    {
        public JsonElement Element => element;

        public int Count => element.EnumerateObject().Count();

        public bool IsSynchronized => false;

        public object SyncRoot => this;

        public void CopyTo(Array array, int index)
        {
            foreach (var item in this)
            {
                array.SetValue(item, index++);
            }
        }

        public IEnumerator GetEnumerator() => element.EnumerateObject().Select(member => member.Name).GetEnumerator();
    }
}
