using System.Text.Json;
using System.Text.Json.Serialization;

namespace WhiteCross.Jobs.Contracts;

/// <summary>
/// Whole numbers, however JSON spells them: <c>3</c>, <c>3.0</c> and <c>3e0</c> are the same number, and some languages write every number with a point.
/// </summary>
internal static class WholeNumbers
{
    public static bool TryRead(ref Utf8JsonReader reader, out long number)
    {
        number = 0;
        if (reader.TokenType != JsonTokenType.Number)
        {
            return false;
        }

        if (reader.TryGetInt64(out number))
        {
            return true;
        }

        if (!reader.TryGetDecimal(out var exact) || exact != decimal.Truncate(exact) || exact is < long.MinValue or > long.MaxValue)
        {
            return false;
        }

        number = (long)exact;
        return true;
    }
}

/// <summary>Reads whole numbers of 32 bits in any spelling that JSON has for them.</summary>
public sealed class WholeInt32JsonConverter : JsonConverter<int>
{
    /// <inheritdoc/>
    public override int Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        WholeNumbers.TryRead(ref reader, out var number) && number is >= int.MinValue and <= int.MaxValue ? (int)number : throw new JsonException("must be a whole number.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, int value, JsonSerializerOptions options) => writer.WriteNumberValue(value);
}

/// <summary>Reads whole numbers of 64 bits in any spelling that JSON has for them.</summary>
public sealed class WholeInt64JsonConverter : JsonConverter<long>
{
    /// <inheritdoc/>
    public override long Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        WholeNumbers.TryRead(ref reader, out var number) ? number : throw new JsonException("must be a whole number.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, long value, JsonSerializerOptions options) => writer.WriteNumberValue(value);
}
