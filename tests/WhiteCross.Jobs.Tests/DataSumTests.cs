using System.Text;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Tests;

/// <summary>Sums are on record: they are what older versions make, or a job that is added again is taken for another.</summary>
public sealed class DataSumTests
{
    [Theory]
    [InlineData("""{"a":1,"b":[true,null]}""", "2cGL8wA+")]
    [InlineData("{ \"a\" : 1,\n\t\"b\" : [ true, null ]\r\n}", "2cGL8wA+")]
    [InlineData("""{"a":"one  two","b":"\" \\"}""", "6HgkFj2s")]
    [InlineData("""{"a" :"one  two", "b": "\" \\"  }""", "6HgkFj2s")]
    [InlineData("""
        "\\" "\"" x
        """, "w1ftjl6z")]
    [InlineData("""
        "no end \
        """, "9iLg6kBu")]
    [InlineData("not json at all", "V1HsBD3d")]
    [InlineData("", "MJto8tcS")]
    public void Only_blanks_between_values_do_not_count(string data, string sum) => Assert.Equal(
        sum,
        DataSum.Of(new NewJob { JobId = "a", Type = "send-message", Data = Encoding.UTF8.GetBytes(data), Priority = JobPriority.Normal }));
}
