using System.ComponentModel.DataAnnotations;
using System.Reflection;

namespace WhiteCross.Settings;

/// <summary>Checks settings by the annotations beside their defaults, and says what is wrong: full name, value, what is allowed.</summary>
public static class SettingsRules
{
    /// <summary>What is wrong with settings; empty where all is well.</summary>
    /// <param name="section">The section that they are in, which the names of settings begin with.</param>
    /// <param name="settings">The settings.</param>
    public static IReadOnlyList<string> Problems(string section, object settings)
    {
        ArgumentNullException.ThrowIfNull(section);
        ArgumentNullException.ThrowIfNull(settings);

        List<string> problems = [.. PropertiesOf(settings.GetType()).SelectMany(property => Problems($"{section}:{property.Name}", property, settings))];
        if (settings is ICheckedSettings own)
        {
            problems.AddRange(own.Problems(section));
        }

        return problems;
    }

    internal static IEnumerable<PropertyInfo> PropertiesOf(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.GetMethod is not null && property.GetIndexParameters().Length == 0 && (property.SetMethod?.IsPublic is true || SettingKind.IsCollection(property.PropertyType)));

    private static IEnumerable<string> Problems(string key, PropertyInfo property, object settings)
    {
        var value = property.GetValue(settings);
        if (value is Enum choice && !Enum.IsDefined(value.GetType(), choice))
        {
            yield return Sentence(key, value, SettingKind.Of(property.PropertyType).Allowed(property));
            yield break;
        }

        var context = new ValidationContext(settings) { MemberName = property.Name };
        foreach (var rule in property.GetCustomAttributes<ValidationAttribute>(inherit: true))
        {
            if (rule.GetValidationResult(value, context) != ValidationResult.Success)
            {
                yield return Sentence(key, value, SettingKind.Of(property.PropertyType).Allowed(property));
                yield break;
            }
        }
    }

    // A text may be a secret, and is not repeated.
    private static string Sentence(string key, object? value, string allowed) => value switch
    {
        null => $"{key} must be set: {allowed}.",
        string or Uri => $"{key} must be {allowed}.",
        _ => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{key} is {value}; it must be {allowed}."),
    };
}
