using System.Collections;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.EnvironmentVariables;

namespace WhiteCross.Settings;

/// <summary>
/// Lets names with hyphens be written with underscores in the environment: a shell cannot set <c>Queues__message-delivery__Concurrency</c>, but it can set
/// <c>Queues__message_delivery__Concurrency</c>.
/// </summary>
public static class UnderscoredNames
{
    /// <summary>Adds the way of writing, beside the environment's own source: what overrides the environment overrides this too.</summary>
    /// <param name="configuration">The application's configuration.</param>
    /// <param name="names">The names with hyphens that settings have in them.</param>
    public static IConfigurationBuilder AddUnderscoredNames(this IConfigurationBuilder configuration, IEnumerable<string> names)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentNullException.ThrowIfNull(names);

        var written = names.ToDictionary(Underscored, StringComparer.OrdinalIgnoreCase);
        var place = configuration.Sources.Select((source, index) => (source, index))
            .LastOrDefault(item => item.source is EnvironmentVariablesConfigurationSource { Prefix: null or "" }, (null!, configuration.Sources.Count - 1)).index;
        configuration.Sources.Insert(place + 1, new Source(written));
        return configuration;
    }

    internal static string Underscored(string name) => name.Replace('-', '_');

    private sealed class Source(Dictionary<string, string> names) : IConfigurationSource
    {
        public IConfigurationProvider Build(IConfigurationBuilder builder) => new Provider(names);
    }

    private sealed class Provider(Dictionary<string, string> names) : ConfigurationProvider
    {
        public override void Load()
        {
            foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
            {
                var parts = ((string)variable.Key).Split("__");
                if (Array.Exists(parts, names.ContainsKey))
                {
                    Data[string.Join(ConfigurationPath.KeyDelimiter, parts.Select(part => names.GetValueOrDefault(part, part)))] = (string?)variable.Value;
                }
            }
        }
    }
}
