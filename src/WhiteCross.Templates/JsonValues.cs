using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Fluid;
using Fluid.Values;

namespace WhiteCross.Templates;

/// <summary>Values of variables, as the template engine sees them.</summary>
internal static class JsonValues
{
    /// <summary>A variable's value.</summary>
    /// <param name="name">The variable, for messages.</param>
    /// <param name="value">Its value.</param>
    /// <param name="find">Finds other variables: a flat one may have a dot in its name, as the columns of an office's table do.</param>
    public static FluidValue Of(string name, JsonElement? value, Func<string, JsonElement?> find) => value is not { } element ? new MissingValue(name, find) : element.ValueKind switch
    {
        JsonValueKind.String => new StringValue(element.GetString()!),
        JsonValueKind.True => BooleanValue.True,
        JsonValueKind.False => BooleanValue.False,
        JsonValueKind.Number => Number(element),
        JsonValueKind.Array => new ArrayValue([.. element.EnumerateArray().Select((item, i) => Of(string.Create(CultureInfo.InvariantCulture, $"{name}[{i}]"), item, find))]),
        JsonValueKind.Object => new JsonObjectValue(name, element, find),
        _ => new MissingValue(name, find),
    };

    // A number is written as it came: 1.50 is not 1.5 to whoever wrote it.
    private static FluidValue Number(JsonElement element)
    {
        var raw = element.GetRawText();
        return element.TryGetDecimal(out var number) && number.ToString("0.############################", CultureInfo.InvariantCulture) == raw
            ? NumberValue.Create(number)
            : new StringValue(raw);
    }
}

/// <summary>A variable without a value: false where a condition asks for it, replaced by a default, and an error where it would be written.</summary>
internal sealed class MissingValue(string name, Func<string, JsonElement?> find) : FluidValue
{
    public override FluidValues Type => FluidValues.Nil;

    public override bool Equals(FluidValue? other) => other is MissingValue || other?.IsNil() == true;

    public override bool ToBooleanValue() => false;

    public override decimal ToNumberValue() => throw Missing();

    public override object ToObjectValue() => throw Missing();

    public override string ToStringValue() => throw Missing();

    public override ValueTask WriteToAsync(TextWriter writer, TextEncoder encoder, CultureInfo cultureInfo) => throw Missing();

    public override ValueTask<FluidValue> GetValueAsync(string member, TemplateContext context)
    {
        var path = $"{name}.{member}";
        return ValueTask.FromResult(JsonValues.Of(path, find(path), find));
    }

    private TemplateException Missing() => new($"The variable '{name}' has no value.") { Variable = name };
}

/// <summary>An object of values: its members are values, it is none itself.</summary>
internal sealed class JsonObjectValue(string name, JsonElement element, Func<string, JsonElement?> find) : FluidValue
{
    public override FluidValues Type => FluidValues.Object;

    public override bool Equals(FluidValue? other) => ReferenceEquals(this, other);

    public override bool ToBooleanValue() => true;

    public override decimal ToNumberValue() => throw NoText();

    public override object ToObjectValue() => element;

    public override string ToStringValue() => throw NoText();

    public override ValueTask WriteToAsync(TextWriter writer, TextEncoder encoder, CultureInfo cultureInfo) => throw NoText();

    public override ValueTask<FluidValue> GetValueAsync(string member, TemplateContext context) =>
        ValueTask.FromResult(JsonValues.Of($"{name}.{member}", element.TryGetProperty(member, out var value) ? value : null, find));

    private TemplateException NoText() => new($"The variable '{name}' is an object, which has no value that can be written.") { Variable = name };
}
