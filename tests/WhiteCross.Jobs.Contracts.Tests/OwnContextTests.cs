using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using FluentValidation;

namespace WhiteCross.Jobs.Contracts.Tests;

/// <summary>A job type with a generated context of its own, as docs/adding-a-job-type.md has it, is written as all others are.</summary>
public sealed class OwnContextTests
{
    private static readonly JobTypeRegistry Registry = JobTypeRegistry.Default.With<ArchiveFolderJob>();

    [Fact]
    public void It_is_written_as_it_is_read()
    {
        var json = JsonSerializer.SerializeToElement(new ArchiveFolderJob { FolderId = Guid.Empty, IsWhole = true }, Registry.JsonOf(ArchiveFolderJob.JobType));

        Assert.Equal("""{"folderId":"00000000-0000-0000-0000-000000000000","isWhole":true}""", json.GetRawText());
        Assert.True(json.Deserialize(ArchiveFolderJob.Json)!.IsWhole);
    }

    [Fact]
    public void Every_type_is_written_as_the_contracts_context_writes_it()
    {
        foreach (var type in JobTypeRegistry.Default.JobTypes)
        {
            using var example = JsonDocument.Parse(JobTypeRegistry.Default.ExampleOf(type));
            var own = JobTypeRegistry.Default.JsonOf(type);
            var data = example.RootElement.GetProperty("data").Deserialize(own);

            Assert.Equal(
                JsonSerializer.Serialize(data, JobsJsonContext.Default.GetTypeInfo(JobTypeRegistry.Default.DataOf(type)) ?? own), JsonSerializer.Serialize(data, own));
        }
    }
}

/// <summary>Archives a folder.</summary>
internal sealed record ArchiveFolderJob : JobData, IJobData<ArchiveFolderJob>
{
    public static string JobType => "archive-folder";

    public static string Queue => JobQueues.MessageCleanup;

    public static IValidator<ArchiveFolderJob> Validator { get; } = new InlineValidator<ArchiveFolderJob>();

    public static JsonTypeInfo<ArchiveFolderJob> Json { get; } = JobJson.Strict<ArchiveFolderJob>(ArchiveFolderJson.Default);

    public static string Example => """{ "type": "archive-folder", "data": {} }""";

    public Guid FolderId { get; init; }

    public bool IsWhole { get; init; }
}

[JsonSerializable(typeof(ArchiveFolderJob))]
internal sealed partial class ArchiveFolderJson : JsonSerializerContext;
