using System.Reflection;
using Microsoft.Extensions.Configuration;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Settings;

/// <summary>Holds a section of the configuration against the type that it is bound to: names that are no setting, values that cannot be read.</summary>
internal static class SectionReading
{
    /// <summary>What is wrong in a section, and the section without the values that are empty: an empty number, time or choice means the default.</summary>
    public static (IReadOnlyList<string> Problems, IConfiguration Values) Read(IConfigurationSection section, Type type)
    {
        var problems = new List<string>();
        var empty = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        Read(section, type, problems, empty);
        var values = section.AsEnumerable(makePathsRelative: true).Where(value => !empty.Contains($"{section.Path}:{value.Key}"));
        return (problems, new ConfigurationBuilder().AddInMemoryCollection(values).Build());
    }

    private static void Read(IConfigurationSection section, Type type, List<string> problems, HashSet<string> empty)
    {
        Dictionary<string, PropertyInfo> known = SettingsRules.PropertiesOf(type).ToDictionary(property => property.Name, StringComparer.OrdinalIgnoreCase);
        foreach (var child in section.GetChildren())
        {
            if (known.TryGetValue(child.Key, out var property))
            {
                ReadValue(child, property.PropertyType, property, problems, empty);
            }
            else
            {
                problems.Add(NearestName.Find(child.Key, known.Keys) is { } nearest
                    ? $"{child.Path} is no setting; {section.Path}:{nearest} is."
                    : $"{child.Path} is no setting; {section.Path} has {string.Join(", ", known.Keys.Order(StringComparer.Ordinal))}.");
            }
        }
    }

    private static void ReadValue(IConfigurationSection value, Type type, PropertyInfo property, List<string> problems, HashSet<string> empty)
    {
        if (SettingKind.IsSimple(type))
        {
            var kind = SettingKind.Of(type);
            if (value.GetChildren().Any())
            {
                problems.Add($"{value.Path} must be one value: {kind.Allowed(property)}.");
            }
            else if (value.Value is { Length: 0 } && type != typeof(string))
            {
                empty.Add(value.Path);
            }
            else if (value.Value is { } text && !kind.CanRead(text))
            {
                problems.Add($"{value.Path} is '{text}'; it must be {kind.Allowed(property)}.");
            }
        }
        else if (SettingKind.ElementOf(type) is { } element)
        {
            foreach (var child in value.GetChildren())
            {
                ReadValue(child, element, property, problems, empty);
            }
        }
        else
        {
            Read(value, type, problems, empty);
        }
    }
}
