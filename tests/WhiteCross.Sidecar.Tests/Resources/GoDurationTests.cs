using CsCheck;
using WhiteCross.Sidecar.Resources;

namespace WhiteCross.Sidecar.Tests.Resources;

public sealed class GoDurationTests
{
    [Theory]
    [InlineData("1h2m3s", 3723_000)]
    [InlineData("500ms", 500)]
    [InlineData("1.5s", 1500)]
    [InlineData(".5m", 30_000)]
    [InlineData("-2s", -2000)]
    [InlineData("+2s", 2000)]
    [InlineData("2m90s", 210_000)]
    [InlineData("0", 0)]
    [InlineData("0s", 0)]
    [InlineData("1000us", 1)]
    [InlineData("1000µs", 1)]
    [InlineData("2000000ns", 2)]
    public void Reads_what_Go_reads(string text, long milliseconds)
    {
        Assert.True(GoDuration.TryParse(text, out var duration));
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), duration);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("10")]
    [InlineData("1d")]
    [InlineData("s")]
    [InlineData(".s")]
    [InlineData("1..5s")]
    [InlineData("1 s")]
    [InlineData("1s2")]
    [InlineData("00:00:05")]
    [InlineData("99999999999h")]
    [InlineData("99999999999999999999999999999999h")]
    public void Refuses_what_Go_refuses(string? text)
    {
        Assert.False(GoDuration.TryParse(text, out var duration));
        Assert.Equal(TimeSpan.Zero, duration);
    }

    [Theory]
    [InlineData("250", 250)]
    [InlineData("-1", -1)]
    [InlineData("2s", 2000)]
    public void A_bare_integer_can_mean_milliseconds(string text, long milliseconds)
    {
        Assert.True(GoDuration.TryParseOrMilliseconds(text, out var duration));
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), duration);
    }

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(90_000, "1m30s")]
    [InlineData(3_600_000, "1h0m0s")]
    [InlineData(1_500, "1.5s")]
    [InlineData(500, "500ms")]
    [InlineData(-2_000, "-2s")]
    public void Writes_what_Go_writes(long milliseconds, string text) => Assert.Equal(text, GoDuration.Format(TimeSpan.FromMilliseconds(milliseconds)));

    [Fact]
    public void What_is_written_reads_back_as_the_same_time() => Gen.OneOf(Gen.Long, Gen.Long[-100_000_000, 100_000_000]).Sample(ticks =>
    {
        var duration = TimeSpan.FromTicks(ticks);
        // Only the least has no positive counterpart to be read as.
        return ticks == long.MinValue || (GoDuration.TryParse(GoDuration.Format(duration), out var read) && read == duration);
    });

    [Fact]
    public void No_text_makes_it_throw() => Gen.String[Gen.Char["0123456789.-+hmsuµn "], 0, 30].Sample(text => { _ = GoDuration.TryParse(text, out _); });
}
