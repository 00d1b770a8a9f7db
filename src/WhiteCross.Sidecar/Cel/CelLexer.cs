using System.Buffers;
using System.Globalization;
using System.Text;

namespace WhiteCross.Sidecar.Cel;

internal enum CelTokenKind
{
    End,
    Name,
    Symbol,
    Integer,
    Double,
    Text,
}

/// <summary>A word of an expression.</summary>
internal readonly record struct CelToken(CelTokenKind Kind, int Offset, string Text, object? Value = null)
{
    /// <summary>What it is, for an error.</summary>
    public string Description => Kind switch
    {
        CelTokenKind.End => "the end",
        CelTokenKind.Name or CelTokenKind.Symbol => $"'{Text}'",
        CelTokenKind.Text => "a text",
        _ => "a number",
    };
}

/// <summary>Cuts an expression into words.</summary>
internal static class CelLexer
{
    private const string Digits = "0123456789";
    private static readonly SearchValues<char> NumberParts = SearchValues.Create(Digits + ".");
    private static readonly string[] Symbols = ["&&", "||", "==", "!=", "<=", ">=", "<", ">", "!", "*", "(", ")", ".", "-"];

    // Of the language, but nothing that a rule of ours needs.
    private static readonly string[] NotServed = ["[", "]", "{", "}", "?", ":", ",", "+", "/", "%"];

    public static List<CelToken> Cut(string text)
    {
        var tokens = new List<CelToken>();
        for (var at = 0; at < text.Length;)
        {
            if (text[at] is ' ' or '\t' or '\r' or '\n')
            {
                at++;
                continue;
            }

            var token = Next(text, at, out at);
            tokens.Add(token);
        }

        tokens.Add(new CelToken(CelTokenKind.End, text.Length, string.Empty));
        return tokens;
    }

    private static CelToken Next(string text, int start, out int end)
    {
        var first = text[start];
        if (char.IsAsciiLetter(first) || first == '_')
        {
            for (end = start; end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] == '_'); end++)
            {
            }

            return new CelToken(CelTokenKind.Name, start, text[start..end]);
        }

        if (char.IsAsciiDigit(first))
        {
            return Number(text, start, out end);
        }

        if (first is '\'' or '"')
        {
            return Quoted(text, start, out end);
        }

        if (Array.Find(Symbols, symbol => text.AsSpan(start).StartsWith(symbol)) is { } known)
        {
            end = start + known.Length;
            return new CelToken(CelTokenKind.Symbol, start, known);
        }

        throw new CelSyntaxException(
            NotServed.Contains(first.ToString()) ? $"'{first}' is not served by the local sidecar" : $"'{first}' is not part of the language", text, start);
    }

    private static CelToken Number(string text, int start, out int end)
    {
        var length = text.AsSpan(start).IndexOfAnyExcept(NumberParts);
        end = length < 0 ? text.Length : start + length;
        if (end < text.Length && char.IsAsciiLetter(text[end]))
        {
            throw new CelSyntaxException("a number with letters (hexadecimal, unsigned or with an exponent) is not served by the local sidecar", text, start);
        }

        var digits = text[start..end];
        if (long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var integer))
        {
            return new CelToken(CelTokenKind.Integer, start, digits, integer);
        }

        return digits.Contains('.', StringComparison.Ordinal) && double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            ? new CelToken(CelTokenKind.Double, start, digits, number)
            : throw new CelSyntaxException("a number is too large or has more than one point", text, start);
    }

    private static CelToken Quoted(string text, int start, out int end)
    {
        var quote = text[start];
        var value = new StringBuilder();
        for (end = start + 1; end < text.Length && text[end] != quote; end++)
        {
            if (text[end] != '\\')
            {
                value.Append(text[end]);
                continue;
            }

            if (++end == text.Length)
            {
                break;
            }

            value.Append(text[end] switch
            {
                '\\' or '\'' or '"' => text[end],
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                _ => throw new CelSyntaxException($"'\\{text[end]}' is not served by the local sidecar", text, end - 1),
            });
        }

        if (end == text.Length)
        {
            throw new CelSyntaxException("a text has no closing quote", text, start);
        }

        end++;
        return new CelToken(CelTokenKind.Text, start, text[start..end], value.ToString());
    }
}
