using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace WhiteCross.BatchMessageSending;

/// <summary>
/// A text with <c>{{variables}}</c>. A name is letters, digits, <c>_</c>, <c>-</c> and <c>.</c>; whatever else stands in braces is text. Values are put in
/// as they are: one that holds braces is not rendered again.
/// </summary>
public sealed partial class MessageTemplate
{
    private readonly string _text;
    private readonly (int Start, int Length, string Name)[] _places;

    private MessageTemplate(string text, (int, int, string)[] places) => (_text, _places) = (text, places);

    /// <summary>The variables that it needs, each once.</summary>
    public IEnumerable<string> Variables => _places.Select(place => place.Name).Distinct(StringComparer.Ordinal);

    /// <summary>Reads a template; every text is one.</summary>
    /// <param name="text">The text.</param>
    public static MessageTemplate Parse(string text) =>
        new(text, [.. Place().Matches(text).Select(match => (match.Index, match.Length, match.Groups[1].Value))]);

    /// <summary>The text of a variable's value; false when it has none: it is null, an object or an array.</summary>
    /// <param name="value">The value.</param>
    /// <param name="text">Its text.</param>
    public static bool TryText(JsonElement value, [NotNullWhen(true)] out string? text)
    {
        text = value.ValueKind switch
        {
            JsonValueKind.String => value.GetString(),
            JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
            _ => null,
        };
        return text is not null;
    }

    /// <summary>The first variable that has no value; null when all have one.</summary>
    /// <param name="find">The value of a variable; null when it has none.</param>
    public string? FirstMissing(Func<string, string?> find) => Variables.FirstOrDefault(name => find(name) is null);

    /// <summary>Puts the values in.</summary>
    /// <param name="find">The value of a variable.</param>
    /// <exception cref="InvalidOperationException">A variable has no value.</exception>
    public string Render(Func<string, string?> find)
    {
        ArgumentNullException.ThrowIfNull(find);
        if (_places.Length == 0)
        {
            return _text;
        }

        var rendered = new StringBuilder(_text.Length * 2);
        var done = 0;
        foreach (var (start, length, name) in _places)
        {
            rendered.Append(_text, done, start - done).Append(find(name) ?? throw new InvalidOperationException($"The variable '{name}' has no value."));
            done = start + length;
        }

        return rendered.Append(_text, done, _text.Length - done).ToString();
    }

    [GeneratedRegex(@"\{\{\s*([\p{L}_][\p{L}\p{Nd}_.-]*)\s*\}\}", RegexOptions.CultureInvariant)]
    private static partial Regex Place();
}
