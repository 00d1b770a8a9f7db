using System.Text;

namespace WhiteCross.Jobs.Contracts.Tests;

public sealed class JobBulkReaderTests
{
    private const string Good = """{"jobId":"good","data":{"cleanupType":"old_messages"}}""";

    private static readonly QueueDefinition Queue = JobQueues.Get(JobQueues.MessageCleanup);

    [Fact]
    public void Read_GoodAndBad_KeepsTheirPlaces()
    {
        var bulk = Read($$"""{"jobs":[{{Good}},5,{"data":{"cleanupType":"x"} },{"cleanupType":"old_messages"},null,{{Good}}]}""");

        Assert.Empty(bulk.Errors);
        Assert.Equal([true, false, false, true, false, true], bulk.Jobs.Select(job => job.IsValid));
        Assert.Equal(["data.cleanupType"], bulk.Jobs[2].Errors.Keys);
        Assert.Equal(["$"], bulk.Jobs[1].Errors.Keys);
        Assert.Equal("good", bulk.Jobs[5].JobId);
    }

    [Fact]
    public void Read_AThousandJobs_AreTaken_AndOneMoreIsNot()
    {
        Assert.Equal(JobLimits.BulkJobs, Read($$"""{"jobs":[{{Many(JobLimits.BulkJobs)}}]}""").Jobs.Count);

        var tooMany = Read($$"""{"jobs":[{{Many(JobLimits.BulkJobs + 1)}}]}""");
        Assert.Empty(tooMany.Jobs);
        Assert.Equal(["jobs"], tooMany.Errors.Keys);
        Assert.Contains("1000", tooMany.Errors["jobs"][0], StringComparison.Ordinal);

        static string Many(int count) => string.Join(',', Enumerable.Repeat(Good, count));
    }

    [Fact]
    public void Read_AJobThatIsTooLarge_HarmsNoOther()
    {
        var bulk = Read($$"""{"jobs":[{"data":{"x":{{Jobs.Text(JobLimits.DataBytes)}} } },{{Good}}]}""");

        Assert.Equal([true, false], bulk.Jobs.Select(job => job.IsTooLarge));
        Assert.True(bulk.Jobs[1].IsValid);
    }

    [Theory]
    [InlineData("", "$")]
    [InlineData("[]", "$")]
    [InlineData("null", "$")]
    [InlineData("""{"jobs":[{"data":{}}""", "$")]
    [InlineData("""{"jobs":[{]}""", "$")]
    [InlineData("""{"jobs":[{}]} x""", "$")]
    [InlineData("{}", "jobs")]
    [InlineData("""{"jobs":[]}""", "jobs")]
    [InlineData("""{"jobs":{}}""", "jobs")]
    [InlineData("""{"jobs":null}""", "jobs")]
    [InlineData("""{"jobs":[{}],"jobs":[{}]}""", "jobs")]
    [InlineData("""{"jobs":[{}],"Jobs":[{}]}""", "jobs")]
    [InlineData("""{"jobs":[{}],"options":{"delay":1}}""", "options")]
    [InlineData("""{"job":[{}]}""", "job")]
    public void Read_WhatIsNoBulk_IsRefusedAsAWhole(string json, string field)
    {
        var bulk = Read(json);

        Assert.Empty(bulk.Jobs);
        Assert.Equal([field], bulk.Errors.Keys);
    }

    private static JobBulkReading Read(string json) => JobBulkReader.Default.Read(Queue, Encoding.UTF8.GetBytes(json));
}
