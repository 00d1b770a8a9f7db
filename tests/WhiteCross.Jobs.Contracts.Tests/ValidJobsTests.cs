using System.Text;

namespace WhiteCross.Jobs.Contracts.Tests;

/// <summary>What must be taken: every type, every optional field left out, every limit reached exactly.</summary>
public sealed class ValidJobsTests
{
    public static TheoryData<string> Types => [.. JobTypeRegistry.Default.JobTypes];

    public static TheoryData<string> OpenTypes => [.. JobTypeRegistry.Default.JobTypes.Where(type => type != JobTypes.CleanupMessages)];

    [Fact]
    public void Registry_KnowsWhatTheQueuesTake()
    {
        Assert.Equal(JobQueues.All.SelectMany(queue => queue.JobTypes).Order(StringComparer.Ordinal), JobTypeRegistry.Default.JobTypes.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Read_EveryField_IsTaken(string type)
    {
        var reading = Jobs.Read(type, Jobs.Good(type));

        Assert.True(reading.IsValid, reading.ErrorText);
        Assert.Equal("job-1", reading.JobId);
        Assert.Equal(type, reading.Type);
        Assert.Empty(reading.ErrorText);
    }

    [Theory]
    [MemberData(nameof(OpenTypes))]
    public void Read_UnknownFields_AreIgnored(string type)
    {
        Assert.True(Jobs.Read(type, Jobs.Good(type).With("somethingNew", """{"a":[1,2,{"b":null}]}""")).IsValid);
    }

    [Theory]
    [InlineData(JobTypes.SendMessage, "messageId,senderId,recipientId,conversationId,content")]
    [InlineData(JobTypes.DeliveryConfirmation, "messageId,recipientId,status")]
    [InlineData(JobTypes.SendNotification, "recipientId,type,title,message")]
    [InlineData(JobTypes.IndexMessage, "messageId,operation,content")]
    [InlineData(JobTypes.EncryptDecrypt, "messageId,operation,content")]
    [InlineData(JobTypes.BatchSend, "senderId,recipientIds,content")]
    [InlineData(JobTypes.CleanupMessages, "cleanupType")]
    public void Read_OnlyWhatIsRequired_IsTaken_AndNothingLess(string type, string required)
    {
        var fields = required.Split(',');
        var least = Jobs.Good(type);
        foreach (var optional in least.Select(property => property.Key).Except(fields).ToList())
        {
            least.Remove(optional);
        }

        Assert.True(Jobs.Read(type, least).IsValid, Jobs.Read(type, least).ErrorText);
        foreach (var field in fields)
        {
            var without = least.DeepClone().AsObject().With(field, null);
            Assert.Contains("data." + field, Jobs.Read(type, without).Errors.Keys);
            Assert.Contains("data." + field, Jobs.Read(type, without.With(field, "null")).Errors.Keys);
        }
    }

    [Theory]
    [InlineData(JobTypes.SendNotification)]
    [InlineData(JobTypes.IndexMessage)]
    [InlineData(JobTypes.EncryptDecrypt)]
    [InlineData(JobTypes.BatchSend)]
    [InlineData(JobTypes.CleanupMessages)]
    public void Read_BareData_IsTakenWhereTheQueueHasOneType(string type)
    {
        var json = Jobs.Good(type).ToJsonString();

        var reading = Jobs.Read(Jobs.QueueOf(type), json);

        Assert.True(reading.IsValid, reading.ErrorText);
        Assert.Null(reading.JobId);
        Assert.Equal(type, reading.Type);
        Assert.Equal(json, Encoding.UTF8.GetString(reading.Data.Span));
    }

    [Fact]
    public void Read_BareNotification_KeepsItsOwnType()
    {
        var reading = Jobs.Read(JobQueues.Get(JobQueues.MessageNotification), Jobs.Good(JobTypes.SendNotification).With("type", "\"in_app\"").ToJsonString());

        Assert.Equal(NotificationType.InApp, Assert.IsType<SendNotificationJob>(reading.Job).Type);
        Assert.Equal(JobTypes.SendNotification, reading.Type);
    }

    [Fact]
    public void Read_BareDataWithoutAnEnvelope_IsRefusedWhereTheQueueHasSeveralTypes()
    {
        var reading = Jobs.Read(JobQueues.Get(JobQueues.MessageDelivery), Jobs.Good(JobTypes.SendMessage).ToJsonString());

        Assert.Equal(["type", "data"], reading.Errors.Keys);
    }

    [Fact]
    public void Read_EnvelopeWithoutType_TakesTheQueuesOnlyOne()
    {
        var reading = Jobs.Read(JobQueues.Get(JobQueues.MessageIndexing), $$"""{"data":{{Jobs.Good(JobTypes.IndexMessage).ToJsonString()}} }""");

        Assert.True(reading.IsValid, reading.ErrorText);
        Assert.IsType<IndexMessageJob>(reading.Job);
    }

    [Theory]
    [InlineData("\"low\"", JobPriority.Low)]
    [InlineData("\"Normal\"", JobPriority.Normal)]
    [InlineData("\"HIGH\"", JobPriority.High)]
    [InlineData("\"cRiTiCaL\"", JobPriority.Critical)]
    [InlineData("1", JobPriority.Low)]
    [InlineData("5", JobPriority.Normal)]
    [InlineData("10", JobPriority.High)]
    [InlineData("20", JobPriority.Critical)]
    public void Read_Priority_ByNameInAnyCaseOrNumber(string json, JobPriority priority)
    {
        Assert.Equal(priority, Jobs.Read(JobTypes.CleanupMessages, Jobs.Good(JobTypes.CleanupMessages), $$"""{"priority":{{json}} }""").Options.Priority);
    }

    [Fact]
    public void Read_DataOfExactlyAMegabyte_IsTaken_AndOneByteMoreIsTooLarge()
    {
        var empty = Jobs.Good(JobTypes.EncryptDecrypt).With("content", "\"\"").ToJsonString().Length;
        var type = JobTypes.EncryptDecrypt;

        var exact = Jobs.Read(type, Jobs.Good(type).With("content", Jobs.Text(JobLimits.DataBytes - empty)));
        var tooLarge = Jobs.Read(type, Jobs.Good(type).With("content", Jobs.Text(JobLimits.DataBytes - empty + 1)));

        Assert.True(exact.IsValid, exact.ErrorText);
        Assert.Equal(JobLimits.DataBytes, exact.Data.Length);
        Assert.False(exact.IsTooLarge);
        Assert.True(tooLarge.IsTooLarge);
        Assert.Equal(["data"], tooLarge.Errors.Keys);
        Assert.Equal("job-1", tooLarge.JobId);
        Assert.True(tooLarge.Data.IsEmpty);
    }

    [Fact]
    public void Read_HandsOutThePartThatIsTheData()
    {
        var utf8 = Encoding.UTF8.GetBytes($$"""{"data" : {{Jobs.Good(JobTypes.CleanupMessages).ToJsonString()}} , "options" : {"attempts":1} }""");

        var reading = JobEnvelopeReader.Default.Read(JobQueues.Get(JobQueues.MessageCleanup), utf8);

        Assert.True(utf8.AsSpan().Overlaps(reading.Data.Span));
        Assert.Equal("""{"attempts":1}""", Encoding.UTF8.GetString(reading.OptionsJson.Span));
    }
}
