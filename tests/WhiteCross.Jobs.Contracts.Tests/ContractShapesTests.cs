using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;

namespace WhiteCross.Jobs.Contracts.Tests;

/// <summary>
/// What travels is a promise to everybody who publishes or reads jobs, in any language: a change of its shape is to be seen in review, and never happens
/// by the way.
/// </summary>
public sealed class ContractShapesTests
{
    private const string FileName = "ContractShapes.json";
    private const string AcceptVariable = "ACCEPT_CONTRACT_SHAPES";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static TheoryData<string> Contracts => [.. ContractTypes().Select(type => type.Name)];

    [Theory]
    [MemberData(nameof(Contracts))]
    public void Shape_IsTheAcceptedOne(string contract)
    {
        var accepted = JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, FileName)))!.AsObject();

        var actual = ShapeOf(ContractTypes().Single(type => type.Name == contract));

        Assert.True(
            accepted.TryGetPropertyValue(contract, out var expected) && JsonNode.DeepEquals(expected, actual),
            $"The shape of {contract} is not the accepted one. If that is meant, run these tests once with {AcceptVariable}=1 and commit {FileName}.\n"
            + $"Accepted:\n{expected?.ToJsonString(Indented)}\nNow:\n{actual.ToJsonString(Indented)}");
    }

    [Fact]
    public void Baseline_HasEveryContractAndNoOther()
    {
        var shapes = new JsonObject(ContractTypes().Select(type => KeyValuePair.Create<string, JsonNode?>(type.Name, ShapeOf(type))));
        if (Environment.GetEnvironmentVariable(AcceptVariable) == "1")
        {
            File.WriteAllText(SourceFile(), shapes.ToJsonString(Indented) + "\n");
        }

        var accepted = JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, FileName)))!.AsObject();

        Assert.Equal(shapes.Select(shape => shape.Key), accepted.Select(shape => shape.Key));
    }

    [Theory]
    [InlineData(typeof(MessageStatus), "pending", "sent", "delivered", "read", "failed")]
    [InlineData(typeof(NotificationType), "push", "email", "sms", "in_app")]
    [InlineData(typeof(NotificationPriority), "low", "normal", "high", "urgent")]
    [InlineData(typeof(NotificationCategory), "one_time_code", "appointment", "result", "reminder", "marketing")]
    [InlineData(typeof(IndexOperation), "index", "update", "delete", "rebuild", "check")]
    [InlineData(typeof(EncryptionOperation), "encrypt", "decrypt")]
    [InlineData(typeof(CleanupType), "old_messages", "deleted_conversations", "expired_attachments", "person")]
    [InlineData(typeof(JobPriority), "LOW", "NORMAL", "HIGH", "CRITICAL")]
    [InlineData(typeof(JobState), "waiting", "delayed", "active", "completed", "failed", "paused")]
    [InlineData(typeof(JobBackoffType), "fixed", "exponential")]
    [InlineData(typeof(QueueHealthStatus), "healthy", "degraded", "unhealthy")]
    public void Words_AreTheWiresOwn(Type type, params string[] words)
    {
        Assert.Equal(words, WordsOf(type, JobsJsonContext.Default.Options));
    }

    /// <summary>The types that the context was made for, and not those that they consist of; and the job types with a context of their own.</summary>
    private static IEnumerable<Type> ContractTypes() => typeof(JobsJsonContext).GetCustomAttributesData()
        .Where(attribute => attribute.AttributeType == typeof(JsonSerializableAttribute))
        .Select(attribute => (Type)attribute.ConstructorArguments[0].Value!)
        .Where(type => !type.IsGenericType)
        .Union(JobTypeRegistry.Default.JobTypes.Select(JobTypeRegistry.Default.DataOf))
        .OrderBy(type => type.Name, StringComparer.Ordinal);

    private static JsonNode ShapeOf(Type type) => JsonSchemaExporter.GetJsonSchemaAsNode(OptionsOf(type), type, new JsonSchemaExporterOptions
    {
        TreatNullObliviousAsNonNullable = true,
        TransformSchemaNode = (context, schema) =>
        {
            // The exporter knows nothing of the enums' own converters.
            var plain = Nullable.GetUnderlyingType(context.TypeInfo.Type) ?? context.TypeInfo.Type;
            return plain.IsEnum ? new JsonObject { ["enum"] = new JsonArray([.. WordsOf(plain, context.TypeInfo.Options).Select(word => (JsonNode)word)]) } : schema;
        },
    });

    private static JsonSerializerOptions OptionsOf(Type type) =>
        JobTypeRegistry.Default.JobTypes.FirstOrDefault(jobType => JobTypeRegistry.Default.DataOf(jobType) == type) is { } own
            ? JobTypeRegistry.Default.JsonOf(own).Options
            : JobsJsonContext.Default.Options;

    private static IEnumerable<string> WordsOf(Type type, JsonSerializerOptions options) => Enum.GetValues(type).Cast<object>()
        .Select(value => JsonSerializer.SerializeToElement(value, options.GetTypeInfo(type)).GetString()!);

    private static string SourceFile() => Path.Combine(
        typeof(ContractShapesTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == "ProjectDirectory").Value!, FileName);
}
