using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace WhiteCross.MessageDelivery;

/// <summary>How messages are delivered. Section <c>Delivery</c>.</summary>
public sealed class DeliveryOptions
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "Delivery";

    /// <summary>
    /// What counts as delivered. Default: <see cref="DeliveredOn.Push"/>. With <see cref="DeliveredOn.Acknowledgement"/> a pushed message stays
    /// <c>sent</c> until a device says that it has it, which is the stricter proof: a push to a connection that just broke is lost without notice.
    /// </summary>
    [EnumDataType(typeof(DeliveredOn))]
    public DeliveredOn DeliveredOn { get; set; } = DeliveredOn.Push;
}

/// <summary>What counts as delivered.</summary>
public enum DeliveredOn
{
    /// <summary>The push went to at least one connection, or a device acknowledged the message.</summary>
    Push,

    /// <summary>A device acknowledged the message.</summary>
    Acknowledgement,
}

/// <summary>Checks <see cref="DeliveryOptions"/> at start-up.</summary>
[OptionsValidator]
internal sealed partial class DeliveryOptionsValidator : IValidateOptions<DeliveryOptions>;
