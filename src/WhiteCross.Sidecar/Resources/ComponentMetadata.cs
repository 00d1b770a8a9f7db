using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace WhiteCross.Sidecar.Resources;

/// <summary>
/// The settings of a component. Names are case-insensitive, as in Dapr. Texts of this type never show a value: it may be a secret.
/// </summary>
public sealed class ComponentMetadata
{
    private readonly string _component;
    private readonly Dictionary<string, Entry> _entries;

    internal ComponentMetadata(string component, SourcePosition position, IEnumerable<Entry> entries)
    {
        _component = component;
        Position = position;
        _entries = entries.ToDictionary(entry => entry.Name, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Where the component begins.</summary>
    public SourcePosition Position { get; }

    /// <summary>The names that are set, as they are written.</summary>
    public IEnumerable<string> Names => _entries.Values.Select(entry => entry.Name);

    /// <summary>What a pub/sub component puts before every topic: the namespace, where its consumerID has the template {namespace}.</summary>
    internal string TopicPrefix { get; init; } = string.Empty;

    /// <summary>Makes settings without a file, for components that a program sets up itself.</summary>
    /// <param name="component">The component's name.</param>
    /// <param name="values">Names and values.</param>
    public static ComponentMetadata Of(string component, IEnumerable<KeyValuePair<string, string>> values)
    {
        var position = new SourcePosition(component, 1);
        return new ComponentMetadata(component, position, values.Select(pair => new Entry(pair.Key, pair.Value, position, null)));
    }

    /// <summary>A text.</summary>
    /// <param name="name">The setting.</param>
    /// <returns>Null where it is not set, or empty.</returns>
    public string? Text(string name) => TryGet(name, out var value) ? value : null;

    /// <summary>A text that must be there.</summary>
    /// <param name="name">The setting.</param>
    /// <exception cref="ResourceException">It is not set, or empty.</exception>
    public string RequiredText(string name) => Text(name) ?? throw Missing(name);

    /// <summary>An integer.</summary>
    /// <param name="name">The setting.</param>
    /// <param name="byDefault">What counts where it is not set.</param>
    /// <param name="least">The least that is allowed.</param>
    /// <param name="most">The most that is allowed.</param>
    /// <exception cref="ResourceException">It is something else.</exception>
    public int WholeNumber(string name, int byDefault, int least = int.MinValue, int most = int.MaxValue)
    {
        if (!TryGet(name, out var value))
        {
            return byDefault;
        }

        return int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw Wrong(name, (least, most) switch
            {
                (int.MinValue, int.MaxValue) => "an integer",
                (_, int.MaxValue) => string.Create(CultureInfo.InvariantCulture, $"an integer of at least {least}"),
                _ => string.Create(CultureInfo.InvariantCulture, $"an integer between {least} and {most}"),
            });
    }

    /// <summary>A switch, in the words that Dapr takes: true, t, yes, y, on, 1, and their opposites, in any case.</summary>
    /// <param name="name">The setting.</param>
    /// <param name="byDefault">What counts where it is not set.</param>
    /// <exception cref="ResourceException">It is another word.</exception>
    public bool Flag(string name, bool byDefault = false)
    {
        if (!TryGet(name, out var value))
        {
            return byDefault;
        }

        return value.ToUpperInvariant() switch
        {
            "TRUE" or "T" or "YES" or "Y" or "ON" or "1" => true,
            "FALSE" or "F" or "NO" or "N" or "OFF" or "0" => false,
            _ => throw Wrong(name, "true or false"),
        };
    }

    /// <summary>A time: a Go duration, or an integer of milliseconds.</summary>
    /// <param name="name">The setting.</param>
    /// <param name="byDefault">What counts where it is not set.</param>
    /// <exception cref="ResourceException">It is neither.</exception>
    public TimeSpan DurationOrMilliseconds(string name, TimeSpan byDefault)
    {
        if (!TryGet(name, out var value))
        {
            return byDefault;
        }

        return GoDuration.TryParseOrMilliseconds(value, out var duration)
            ? duration
            : throw Wrong(name, "a duration such as 500ms, 2s or 1m30s, or an integer of milliseconds");
    }

    /// <summary>A time: a Go duration.</summary>
    /// <param name="name">The setting.</param>
    /// <param name="byDefault">What counts where it is not set.</param>
    /// <exception cref="ResourceException">It is something else.</exception>
    public TimeSpan Duration(string name, TimeSpan byDefault)
    {
        if (!TryGet(name, out var value))
        {
            return byDefault;
        }

        return GoDuration.TryParse(value, out var duration) ? duration : throw Wrong(name, "a duration such as 500ms, 2s or 1m30s");
    }

    /// <summary>A time in integer milliseconds, where Dapr ignores everything else without an error, and the default stays.</summary>
    /// <param name="name">The setting.</param>
    /// <param name="byDefault">What counts where it is not set, or not an integer.</param>
    public TimeSpan MillisecondsOrIgnored(string name, TimeSpan byDefault) =>
        TryGet(name, out var value) && GoDuration.TryParseMilliseconds(value, out var duration) ? duration : byDefault;

    /// <summary>The error of a setting that is wrong.</summary>
    /// <param name="name">The setting.</param>
    /// <param name="mustBe">What it must be: <c>an integer</c>.</param>
    /// <returns>An exception that says where the setting stands; with its value only where the file has it in clear text.</returns>
    public ResourceException Wrong(string name, string mustBe)
    {
        var entry = _entries.GetValueOrDefault(name);
        var value = entry switch
        {
            null => "is missing",
            { Reference: { } reference } => $"(from {reference}) has a value that cannot be used",
            _ => $"is '{entry.Value}'",
        };
        return new ResourceException(PositionOf(name), $"{name} of component '{_component}' {value}; it must be {mustBe}.");
    }

    /// <summary>Where a setting stands; the component itself where it is not set.</summary>
    /// <param name="name">The setting.</param>
    public SourcePosition PositionOf(string name) => _entries.GetValueOrDefault(name)?.Position ?? Position;

    /// <summary>Whether a setting is there, but without a value.</summary>
    /// <param name="name">The setting.</param>
    /// <param name="reason">Why, where its value comes from elsewhere: <c>the environment variable X is not set</c>.</param>
    internal bool IsEmpty(string name, out string? reason)
    {
        var entry = _entries.GetValueOrDefault(name);
        reason = entry?.Reference is { } reference ? $"{reference} is not set" : null;
        return entry is { Value: "" };
    }

    /// <returns>The component's name and the names of the settings, without their values.</returns>
    public override string ToString() => $"{_component}: {string.Join(", ", Names)}";

    private bool TryGet(string name, [NotNullWhen(true)] out string? value)
    {
        value = _entries.GetValueOrDefault(name)?.Value;
        return !string.IsNullOrEmpty(value);
    }

    private ResourceException Missing(string name) => new(
        PositionOf(name),
        _entries.GetValueOrDefault(name) is { Reference: { } reference }
            ? $"{name} of component '{_component}' is empty: {reference} is not set."
            : $"{name} of component '{_component}' is missing; it is required.");

    /// <summary>A setting as it was read.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Value">Its value, resolved.</param>
    /// <param name="Position">Where it stands.</param>
    /// <param name="Reference">Where its value comes from, in words; null when it stands in the file.</param>
    internal sealed record Entry(string Name, string Value, SourcePosition Position, string? Reference)
    {
        public override string ToString() => Name;
    }
}
