using System.Collections;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;

namespace WhiteCross.Settings;

/// <summary>What sort of value a setting takes, in words for its reader.</summary>
internal sealed class SettingKind
{
    private readonly Type _type;

    private SettingKind(Type type) => _type = type;

    private bool IsText => _type == typeof(string);

    public static SettingKind Of(Type type) => new(Nullable.GetUnderlyingType(type) ?? type);

    /// <summary>A value that is written as one text, unlike an object or a list.</summary>
    public static bool IsSimple(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type == typeof(string) || type == typeof(Uri) || type == typeof(TimeSpan) || type == typeof(DateTimeOffset) || type == typeof(Guid)
            || type.IsEnum || type.IsPrimitive || type == typeof(decimal);
    }

    public static bool IsCollection(Type type) => type != typeof(string) && typeof(IEnumerable).IsAssignableFrom(type);

    /// <summary>The type of a list's or a dictionary's values; null for neither.</summary>
    public static Type? ElementOf(Type type)
    {
        var generic = type.GetInterfaces().Append(type).Where(one => one.IsGenericType).ToList();
        return generic.Find(one => one.GetGenericTypeDefinition() == typeof(IDictionary<,>))?.GetGenericArguments()[1]
            ?? generic.Find(one => one.GetGenericTypeDefinition() == typeof(IEnumerable<>))?.GetGenericArguments()[0];
    }

    /// <summary>Whether a value's text can be read.</summary>
    public bool CanRead(string text)
    {
        if (IsText)
        {
            return true;
        }

        try
        {
            return TypeDescriptor.GetConverter(_type).ConvertFromInvariantString(text) is not null;
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException or NotSupportedException or OverflowException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>What a setting may be, for example <c>a whole number from 1 to 100</c>.</summary>
    public string Allowed(PropertyInfo property)
    {
        var range = property.GetCustomAttribute<RangeAttribute>();
        var length = property.GetCustomAttribute<StringLengthAttribute>();
        return this switch
        {
            { IsText: true } when length is not null => string.Create(CultureInfo.InvariantCulture, $"text of {Math.Max(length.MinimumLength, 1)} to {length.MaximumLength} characters"),
            { IsText: true } => "text that is not empty",
            { _type.IsEnum: true } => $"one of {string.Join(", ", Enum.GetNames(_type))}",
            _ when _type == typeof(bool) => "true or false",
            _ when _type == typeof(Uri) => "an absolute address, for example https://example.org",
            _ when _type == typeof(TimeSpan) => $"a time{Bounds(range)} (d.hh:mm:ss)",
            _ when _type == typeof(double) || _type == typeof(float) || _type == typeof(decimal) => $"a number{Bounds(range)}",
            { _type.IsPrimitive: true } => $"a whole number{Bounds(range)}",
            _ => $"a {_type.Name}",
        };
    }

    private string Bounds(RangeAttribute? range)
    {
        if (range is null)
        {
            return string.Empty;
        }

        // A range of times is given as texts; its bounds become times at the first check.
        var (least, most) = (Bound(range.Minimum), Bound(range.Maximum));
        return (range.MinimumIsExclusive, range.MaximumIsExclusive) switch
        {
            (false, false) => $" from {least} to {most}",
            (true, false) => $" above {least} and at most {most}",
            (false, true) => $" of at least {least} and below {most}",
            _ => $" between {least} and {most}",
        };
    }

    private string Bound(object bound) => bound is string text
        ? Convert.ToString(TypeDescriptor.GetConverter(_type).ConvertFromInvariantString(text), CultureInfo.InvariantCulture)!
        : Convert.ToString(bound, CultureInfo.InvariantCulture)!;
}
