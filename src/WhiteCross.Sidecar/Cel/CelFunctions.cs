using System.Collections;
using System.Globalization;
using System.Text.RegularExpressions;

namespace WhiteCross.Sidecar.Cel;

/// <summary>The functions and methods of the language that are served here.</summary>
internal static class CelFunctions
{
    // Linear time, as the language's own expressions have it: a subscription's rule cannot be made to hang by an event.
    private const RegexOptions LinearTime = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;

    public static bool Takes(string function, bool asMethod, int arguments) => (function, asMethod, arguments) switch
    {
        ("contains" or "startsWith" or "endsWith" or "matches", true, 1) => true,
        ("size", true, 0) or ("size", false, 1) => true,
        ("int" or "uint" or "double" or "string" or "bool" or "dyn" or "type", false, 1) => true,
        ("matches", false, 2) => true,
        _ => false,
    };

    public static object? Call(string function, object?[] values) => (function, values) switch
    {
        ("contains", [string text, string part]) => text.Contains(part, StringComparison.Ordinal),
        ("startsWith", [string text, string part]) => text.StartsWith(part, StringComparison.Ordinal),
        ("endsWith", [string text, string part]) => text.EndsWith(part, StringComparison.Ordinal),
        ("matches", [string text, string pattern]) => Matches(text, pattern),
        ("size", [string text]) => (long)text.EnumerateRunes().Count(),
        ("size", [ICollection collection]) => (long)collection.Count,
        ("int", [var value]) => ToInt(value),
        ("uint", [var value]) => ToUInt(value),
        ("double", [var value]) => ToDouble(value),
        ("string", [var value]) => ToText(value),
        ("bool", [bool value]) => value,
        ("bool", ["true" or "True" or "TRUE" or "t" or "1"]) => true,
        ("bool", ["false" or "False" or "FALSE" or "f" or "0"]) => false,
        ("dyn", [var value]) => value,
        ("type", [var value]) => CelValue.TypeName(value),
        _ => throw new CelEvaluationException($"{function}() does not take {string.Join(", ", values.Select(CelValue.TypeName))}"),
    };

    private static bool Matches(string text, string pattern)
    {
        try
        {
            return Regex.IsMatch(text, pattern, LinearTime);
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            throw new CelEvaluationException("matches() has a pattern that is not a regular expression");
        }
    }

    private static long ToInt(object? value) => value switch
    {
        long number => number,
        ulong number and <= long.MaxValue => (long)number,
        double number and > -9.2233720368547758e18 and < 9.2233720368547758e18 => (long)number,
        string text when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
        _ => throw new CelEvaluationException($"int() cannot convert this {CelValue.TypeName(value)}"),
    };

    private static ulong ToUInt(object? value) => value switch
    {
        long number and >= 0 => (ulong)number,
        ulong number => number,
        double number and >= 0 and < 1.8446744073709552e19 => (ulong)number,
        string text when ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) => number,
        _ => throw new CelEvaluationException($"uint() cannot convert this {CelValue.TypeName(value)}"),
    };

    private static double ToDouble(object? value) => value switch
    {
        long number => (double)number,
        ulong number => (double)number,
        double number => number,
        string text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
        _ => throw new CelEvaluationException($"double() cannot convert this {CelValue.TypeName(value)}"),
    };

    private static string ToText(object? value) => value switch
    {
        string text => text,
        bool flag => flag ? "true" : "false",
        long or ulong or double => string.Create(CultureInfo.InvariantCulture, $"{value}"),
        _ => throw new CelEvaluationException($"string() cannot convert this {CelValue.TypeName(value)}"),
    };
}
