using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace WhiteCross.Sidecar.Resources;

/// <summary>A mapping of a YAML document, read field by field, with errors that say file, line and field.</summary>
internal sealed class YamlMap(string file, YamlMappingNode node, string path)
{
    public SourcePosition Position => PositionOf(node);

    public string Path => path;

    public IEnumerable<string> Keys => node.Children.Keys.Select(KeyText);

    public bool Has(string key) => Find(key) is not null;

    public SourcePosition PositionOf(string key) => node.Children
        .Where(child => KeyText(child.Key) == key)
        .Select(child => PositionOf(child.Key))
        .FirstOrDefault(Position);

    public string PathOf(string key) => path.Length == 0 ? key : $"{path}.{key}";

    public ResourceException Wrong(string key, string problem) => new(PositionOf(key), $"{PathOf(key)} {problem}");

    /// <returns>The text; null where the field is missing, null or empty.</returns>
    public string? Text(string key) => Find(key) switch
    {
        null => null,
        YamlScalarNode scalar => string.IsNullOrEmpty(scalar.Value) ? null : scalar.Value,
        var other => throw Wrong(key, $"must be a single value, not {NameOf(other)}."),
    };

    public string RequiredText(string key) => Text(key) ?? throw Wrong(key, "is missing; it is required.");

    public bool Flag(string key, bool byDefault)
    {
        if (Text(key) is not { } text)
        {
            return byDefault;
        }

        return text.ToUpperInvariant() switch
        {
            "TRUE" => true,
            "FALSE" => false,
            _ => throw Wrong(key, $"is '{text}'; it must be true or false."),
        };
    }

    public int? WholeNumber(string key, int least, int most)
    {
        if (Text(key) is not { } text)
        {
            return null;
        }

        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw Wrong(key, string.Create(CultureInfo.InvariantCulture, $"is '{text}'; it must be an integer between {least} and {most}."));
    }

    /// <returns>A Go duration, or an integer of milliseconds; null where the field is missing.</returns>
    public TimeSpan? Duration(string key)
    {
        if (Text(key) is not { } text)
        {
            return null;
        }

        return GoDuration.TryParseOrMilliseconds(text, out var duration) && duration >= TimeSpan.Zero
            ? duration
            : throw Wrong(key, $"is '{text}'; it must be a duration such as 500ms, 2s or 1m30s, or an integer of milliseconds.");
    }

    public YamlMap? Map(string key) => Find(key) switch
    {
        null => null,
        YamlMappingNode map => new YamlMap(file, map, PathOf(key)),
        YamlScalarNode { Value: null or "" } => null,
        var other => throw Wrong(key, $"must be a mapping, not {NameOf(other)}."),
    };

    public YamlMap RequiredMap(string key) => Map(key) ?? throw Wrong(key, "is missing; it is required.");

    /// <returns>The mappings of a sequence; none where the field is missing.</returns>
    public IReadOnlyList<YamlMap> Maps(string key) =>
    [
        .. Items(key).Select((item, index) => item is YamlMappingNode map
            ? new YamlMap(file, map, $"{PathOf(key)}[{index}]")
            : throw new ResourceException(PositionOf(item), $"{PathOf(key)}[{index}] must be a mapping, not {NameOf(item)}.")),
    ];

    /// <returns>The texts of a sequence; none where the field is missing.</returns>
    public IReadOnlyList<string> Texts(string key) =>
    [
        .. Items(key).Select((item, index) => item is YamlScalarNode { Value: { Length: > 0 } text }
            ? text
            : throw new ResourceException(PositionOf(item), $"{PathOf(key)}[{index}] must be a text, not {NameOf(item)}.")),
    ];

    /// <returns>Names and texts of a mapping; none where the field is missing.</returns>
    public IReadOnlyDictionary<string, string> TextMap(string key)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        if (Map(key) is { } map)
        {
            foreach (var name in map.Keys)
            {
                texts[name] = map.Text(name) ?? string.Empty;
            }
        }

        return texts;
    }

    /// <summary>Warns about each field that is not among the known ones: Dapr ignores it, so that a misspelling has no effect.</summary>
    public void WarnAboutOthers(ICollection<string> warnings, params ReadOnlySpan<string> known)
    {
        foreach (var key in node.Children.Keys)
        {
            if (!known.Contains(KeyText(key)))
            {
                warnings.Add($"{PositionOf(key)}: {PathOf(KeyText(key))} is not known to Dapr and is ignored; known are {string.Join(", ", known.ToArray())}.");
            }
        }
    }

    private IEnumerable<YamlNode> Items(string key) => Find(key) switch
    {
        null => [],
        YamlSequenceNode sequence => sequence.Children,
        YamlScalarNode { Value: null or "" } => [],
        var other => throw Wrong(key, $"must be a sequence, not {NameOf(other)}."),
    };

    private YamlNode? Find(string key)
    {
        foreach (var (name, value) in node.Children)
        {
            if (KeyText(name) == key)
            {
                return IsNull(value) ? null : value;
            }
        }

        return null;
    }

    private static bool IsNull(YamlNode value) =>
        value is YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" or "Null" or "NULL" };

    private string KeyText(YamlNode key) => key is YamlScalarNode { Value: { } text }
        ? text
        : throw new ResourceException(PositionOf(key), $"{(path.Length == 0 ? "the document" : path)} has a key that is not a text.");

    private SourcePosition PositionOf(YamlNode at) => new(file, at.Start.Line);

    private static string NameOf(YamlNode other) => other switch
    {
        YamlMappingNode => "a mapping",
        YamlSequenceNode => "a sequence",
        YamlScalarNode { Value: null or "" } => "nothing",
        _ => "a single value",
    };
}
