using System.Globalization;
using System.Text;

namespace WhiteCross.Sidecar.Cel;

/// <summary>Cuts an expression into tokens.</summary>
internal static class CelLexer
{
    private static readonly string[] Operators =
        ["&&", "||", "==", "!=", "<=", ">=", "<", ">", "!", "+", "-", "*", "/", "%", "?", ":", ".", ",", "(", ")", "[", "]", "{", "}"];

    public static List<CelToken> Read(string text)
    {
        var tokens = new List<CelToken>();
        var at = 0;
        while (true)
        {
            while (at < text.Length && (char.IsWhiteSpace(text[at]) || IsComment(text, at)))
            {
                at = IsComment(text, at) ? EndOfLine(text, at) : at + 1;
            }

            if (at == text.Length)
            {
                tokens.Add(new CelToken(CelTokenKind.End, at, string.Empty));
                return tokens;
            }

            tokens.Add(Next(text, ref at));
        }
    }

    private static bool IsComment(string text, int at) => string.CompareOrdinal(text, at, "//", 0, 2) == 0;

    private static int EndOfLine(string text, int at) => text.IndexOf('\n', at) is >= 0 and var end ? end : text.Length;

    private static CelToken Next(string text, ref int at)
    {
        var start = at;
        var first = text[at];
        if (first is '"' or '\'')
        {
            return new CelToken(CelTokenKind.Text, start, Text(text, ref at, raw: false));
        }

        if (first is 'r' or 'R' && at + 1 < text.Length && text[at + 1] is '"' or '\'')
        {
            at++;
            return new CelToken(CelTokenKind.Text, start, Text(text, ref at, raw: true));
        }

        if (char.IsAsciiLetter(first) || first == '_')
        {
            while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] == '_'))
            {
                at++;
            }

            return new CelToken(CelTokenKind.Identifier, start, text[start..at]);
        }

        if (char.IsAsciiDigit(first) || (first == '.' && at + 1 < text.Length && char.IsAsciiDigit(text[at + 1])))
        {
            return Number(text, ref at);
        }

        foreach (var symbol in Operators)
        {
            if (string.CompareOrdinal(text, at, symbol, 0, symbol.Length) == 0)
            {
                at += symbol.Length;
                return new CelToken(CelTokenKind.Operator, start, symbol);
            }
        }

        throw new CelSyntaxException(text, at, $"'{first}' is not part of the language");
    }

    private static CelToken Number(string text, ref int at)
    {
        var start = at;
        if (text[at] == '0' && at + 1 < text.Length && text[at + 1] is 'x' or 'X')
        {
            at += 2;
            while (at < text.Length && char.IsAsciiHexDigit(text[at]))
            {
                at++;
            }

            return Whole(text, start, ref at, ulong.TryParse(
                text.AsSpan(start + 2, at - start - 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hex) ? hex : null);
        }

        var isDouble = false;
        Digits(text, ref at);
        if (at + 1 < text.Length && text[at] == '.' && char.IsAsciiDigit(text[at + 1]))
        {
            isDouble = true;
            at++;
            Digits(text, ref at);
        }

        if (at < text.Length && text[at] is 'e' or 'E')
        {
            var exponent = at + 1;
            if (exponent < text.Length && text[exponent] is '+' or '-')
            {
                exponent++;
            }

            if (exponent < text.Length && char.IsAsciiDigit(text[exponent]))
            {
                isDouble = true;
                at = exponent;
                Digits(text, ref at);
            }
        }

        var digits = text.AsSpan(start, at - start);
        if (isDouble)
        {
            return new CelToken(CelTokenKind.Double, start, double.Parse(digits, NumberStyles.Float, CultureInfo.InvariantCulture));
        }

        return Whole(text, start, ref at, ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null);
    }

    private static CelToken Whole(string text, int start, ref int at, ulong? number)
    {
        if (number is not { } value)
        {
            throw new CelSyntaxException(text, start, "a number is too large or has no digits");
        }

        if (at < text.Length && text[at] is 'u' or 'U')
        {
            at++;
            return new CelToken(CelTokenKind.Unsigned, start, value);
        }

        // The least int is written as minus 2^63, whose digits alone do not fit: the parser joins them.
        return new CelToken(CelTokenKind.Integer, start, value <= long.MaxValue + 1UL
            ? value
            : throw new CelSyntaxException(text, start, "an integer is too large"));
    }

    private static void Digits(string text, ref int at)
    {
        while (at < text.Length && char.IsAsciiDigit(text[at]))
        {
            at++;
        }
    }

    private static string Text(string text, ref int at, bool raw)
    {
        var start = at;
        var quote = text[at];
        var triple = new string(quote, 3);
        var end = string.CompareOrdinal(text, at, triple, 0, 3) == 0 ? triple : quote.ToString();
        at += end.Length;
        var value = new StringBuilder();
        while (true)
        {
            if (at >= text.Length || (end.Length == 1 && text[at] is '\n' or '\r'))
            {
                throw new CelSyntaxException(text, start, "a text has no closing quote");
            }

            if (string.CompareOrdinal(text, at, end, 0, end.Length) == 0)
            {
                at += end.Length;
                return value.ToString();
            }

            if (text[at] == '\\' && !raw)
            {
                Escape(text, ref at, value);
            }
            else
            {
                value.Append(text[at++]);
            }
        }
    }

    private static void Escape(string text, ref int at, StringBuilder value)
    {
        var start = at++;
        if (at >= text.Length)
        {
            throw new CelSyntaxException(text, start, "a text has no closing quote");
        }

        var letter = text[at++];
        switch (letter)
        {
            case '\\' or '"' or '\'' or '`' or '?':
                value.Append(letter);
                break;
            case 'n':
                value.Append('\n');
                break;
            case 't':
                value.Append('\t');
                break;
            case 'r':
                value.Append('\r');
                break;
            case 'a':
                value.Append('\a');
                break;
            case 'b':
                value.Append('\b');
                break;
            case 'f':
                value.Append('\f');
                break;
            case 'v':
                value.Append('\v');
                break;
            case 'x' or 'X':
                Code(text, start, ref at, 2, 16, value);
                break;
            case 'u':
                Code(text, start, ref at, 4, 16, value);
                break;
            case 'U':
                Code(text, start, ref at, 8, 16, value);
                break;
            case >= '0' and <= '3':
                at--;
                Code(text, start, ref at, 3, 8, value);
                break;
            default:
                throw new CelSyntaxException(text, start, $"'\\{letter}' is not an escape");
        }
    }

    private static void Code(string text, int start, ref int at, int length, int radix, StringBuilder value)
    {
        var code = 0L;
        for (var index = 0; index < length; index++, at++)
        {
            var digit = at < text.Length && char.IsAsciiHexDigit(text[at]) ? Convert.ToInt32(text[at].ToString(), 16) : int.MaxValue;
            code = digit < radix ? (code * radix) + digit : throw new CelSyntaxException(text, start, "an escape has too few digits");
        }

        value.Append(code <= 0x10FFFF && Rune.TryCreate((int)code, out var rune)
            ? rune.ToString()
            : throw new CelSyntaxException(text, start, "an escape is not a character"));
    }
}
