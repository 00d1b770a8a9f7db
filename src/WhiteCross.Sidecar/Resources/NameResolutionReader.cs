using System.Globalization;

namespace WhiteCross.Sidecar.Resources;

/// <summary>Reads <c>spec.nameResolution</c> of a Configuration.</summary>
internal static class NameResolutionReader
{
    private static readonly TimeSpan OneSecond = TimeSpan.FromSeconds(1);

    /// <returns>The settings; null for Dapr's default, mdns, in whose place the sidecar's own default stands.</returns>
    public static NameResolutionConfiguration? Read(YamlMap resolution, ICollection<string> warnings)
    {
        resolution.WarnAboutOthers(warnings, "component", "version", "configuration");
        switch (resolution.Text("component"))
        {
            case null or "mdns":
                return null;
            case "sqlite":
                break;
            case var other:
                throw resolution.Wrong("component", $"is '{other}'; the local sidecar serves sqlite and mdns. Take one of them, or run the app under daprd.");
        }

        var settings = resolution.RequiredMap("configuration");
        settings.WarnAboutOthers(warnings, "connectionString", "tableName", "metadataTableName", "updateInterval", "cleanupInterval", "timeout", "busyTimeout");
        var connectionString = settings.RequiredText("connectionString");
        if (connectionString.Contains(":memory:", StringComparison.Ordinal) || connectionString.Contains("mode=memory", StringComparison.Ordinal))
        {
            throw settings.Wrong("connectionString", "names a database in memory, which no other sidecar can see; it must be a file.");
        }

        var byDefault = new NameResolutionConfiguration(connectionString);
        var tableName = settings.Text("tableName") ?? byDefault.TableName;
        if (!tableName.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') || char.IsAsciiDigit(tableName[0]))
        {
            throw settings.Wrong("tableName", $"is '{tableName}'; it must be of letters, digits and underscores.");
        }

        var timeout = Seconds(settings, "timeout") ?? byDefault.Timeout;
        var updateInterval = Seconds(settings, "updateInterval") ?? byDefault.UpdateInterval;
        if (timeout < OneSecond)
        {
            throw settings.Wrong("timeout", "must be at least 1s.");
        }

        return updateInterval - timeout >= OneSecond
            ? byDefault with { TableName = tableName, UpdateInterval = updateInterval, Timeout = timeout }
            : throw settings.Wrong("updateInterval", "must be at least 1s more than timeout.");
    }

    // A bare number is seconds here, and parts of a second are cut off, as in Dapr.
    private static TimeSpan? Seconds(YamlMap settings, string key)
    {
        if (settings.Text(key) is not { } text)
        {
            return null;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
        {
            return TimeSpan.FromSeconds(seconds);
        }

        return settings.Duration(key) is { } duration ? TimeSpan.FromSeconds(Math.Truncate(duration.TotalSeconds)) : null;
    }
}
