using System.Globalization;
using System.Reflection;

namespace WhiteCross.Settings;

/// <summary>A setting, described for its reader.</summary>
/// <param name="Name">Its name within the section; of an item of a list <c>List:0:Name</c>.</param>
/// <param name="Allowed">What it may be, in words.</param>
/// <param name="Default">Its default; null for none.</param>
/// <param name="Property">The property that it is.</param>
public sealed record SettingDescription(string Name, string Allowed, string? Default, PropertyInfo Property)
{
    /// <summary>The settings of a type, in the order of their declaration; those of what it inherits last.</summary>
    /// <param name="type">The type of the settings.</param>
    public static IReadOnlyList<SettingDescription> Of(Type type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return [.. Of(type, string.Empty)];
    }

    private static IEnumerable<SettingDescription> Of(Type type, string prefix)
    {
        var defaults = Activator.CreateInstance(type, nonPublic: true);
        foreach (var property in SettingsRules.PropertiesOf(type))
        {
            var name = prefix + property.Name;
            if (SettingKind.IsSimple(property.PropertyType))
            {
                yield return new(name, SettingKind.Of(property.PropertyType).Allowed(property), Text(property.GetValue(defaults)), property);
            }
            else if (SettingKind.ElementOf(property.PropertyType) is { } element)
            {
                if (SettingKind.IsSimple(element))
                {
                    yield return new($"{name}:0", $"a list; each is {SettingKind.Of(element).Allowed(property)}", null, property);
                }
                else
                {
                    foreach (var item in Of(element, $"{name}:0:"))
                    {
                        yield return item;
                    }
                }
            }
            else
            {
                foreach (var inner in Of(property.PropertyType, $"{name}:"))
                {
                    yield return inner;
                }
            }
        }
    }

    private static string? Text(object? value) => value switch
    {
        null or "" => null,
        bool flag => flag ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    };
}
