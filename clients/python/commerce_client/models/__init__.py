"""All shapes of requests and answers. Each is imported when it is first asked for: all of them take a second."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .accept_invitation import AcceptInvitation
    from .access_entry import AccessEntry
    from .access_entry_page import AccessEntryPage
    from .account_set_up import AccountSetUp
    from .add_endpoint import AddEndpoint
    from .add_endpoint_event_types_item import AddEndpointEventTypesItem
    from .add_member import AddMember
    from .add_member_role import AddMemberRole
    from .add_member_scopes_type_0_item_type_0 import AddMemberScopesType0ItemType0
    from .add_member_scopes_type_0_item_type_1 import AddMemberScopesType0ItemType1
    from .address import Address
    from .adjust_stock import AdjustStock
    from .api_key import ApiKey
    from .api_key_page import ApiKeyPage
    from .api_key_status import ApiKeyStatus
    from .assign_case import AssignCase
    from .attempt import Attempt
    from .attention import Attention
    from .calls_in_minute import CallsInMinute
    from .calls_in_minute_calls import CallsInMinuteCalls
    from .calls_in_minute_page import CallsInMinutePage
    from .calls_in_minute_unanswered import CallsInMinuteUnanswered
    from .cancellation_request import CancellationRequest
    from .case import Case
    from .case_changed import CaseChanged
    from .case_kind import CaseKind
    from .case_page import CasePage
    from .case_since import CaseSince
    from .case_since_kind import CaseSinceKind
    from .cases_of_kind import CasesOfKind
    from .cases_of_kind_kind import CasesOfKindKind
    from .caused import Caused
    from .certificate import Certificate
    from .change_customer import ChangeCustomer
    from .change_duties import ChangeDuties
    from .change_duties_role import ChangeDutiesRole
    from .change_duties_scopes_type_0_item_type_0 import (
        ChangeDutiesScopesType0ItemType0,
    )
    from .change_duties_scopes_type_0_item_type_1 import (
        ChangeDutiesScopesType0ItemType1,
    )
    from .change_email import ChangeEmail
    from .change_endpoint import ChangeEndpoint
    from .change_endpoint_event_types_type_0_item import (
        ChangeEndpointEventTypesType0Item,
    )
    from .change_own_password import ChangeOwnPassword
    from .change_password import ChangePassword
    from .confirm_email import ConfirmEmail
    from .confirm_factor import ConfirmFactor
    from .customer import Customer
    from .customer_accepted import CustomerAccepted
    from .customer_action import CustomerAction
    from .customer_page import CustomerPage
    from .customer_personal_data import CustomerPersonalData
    from .customer_status import CustomerStatus
    from .daily_sales import DailySales
    from .daily_sales_page import DailySalesPage
    from .definition_in_use import DefinitionInUse
    from .delivery import Delivery
    from .delivery_page import DeliveryPage
    from .delivery_status import DeliveryStatus
    from .endpoint_added_answer import EndpointAddedAnswer
    from .endpoint_added_answer_status import EndpointAddedAnswerStatus
    from .endpoint_changed_answer import EndpointChangedAnswer
    from .enrolment import Enrolment
    from .enrolment_role import EnrolmentRole
    from .erase_data import EraseData
    from .erase_data_ground import EraseDataGround
    from .erasure import Erasure
    from .erasure_accepted import ErasureAccepted
    from .erasure_accepted_ground import ErasureAcceptedGround
    from .erasure_ground import ErasureGround
    from .erasure_kind import ErasureKind
    from .erasure_status import ErasureStatus
    from .event_outline import EventOutline
    from .exported_access import ExportedAccess
    from .exported_event_line import ExportedEventLine
    from .exported_order import ExportedOrder
    from .exported_order_line import ExportedOrderLine
    from .field_error import FieldError
    from .give_up import GiveUp
    from .health import Health
    from .health_behind import HealthBehind
    from .health_parked_type_0 import HealthParkedType0
    from .health_problems import HealthProblems
    from .health_standing_still_type_0 import HealthStandingStillType0
    from .health_status import HealthStatus
    from .import_price import ImportPrice
    from .import_product import ImportProduct
    from .import_stock import ImportStock
    from .imported_line import ImportedLine
    from .intervene import Intervene
    from .intervention_preview import InterventionPreview
    from .intervention_preview_action import InterventionPreviewAction
    from .intervention_recorded import InterventionRecorded
    from .intervention_recorded_action import InterventionRecordedAction
    from .invitation_token import InvitationToken
    from .issue_key import IssueKey
    from .issue_key_scopes_item import IssueKeyScopesItem
    from .item import Item
    from .item_data import ItemData
    from .item_page import ItemPage
    from .key_issued import KeyIssued
    from .key_issued_scopes_item import KeyIssuedScopesItem
    from .key_revoked import KeyRevoked
    from .limit_usage import LimitUsage
    from .list_cases_kind_type_0 import ListCasesKindType0
    from .listed_erasure import ListedErasure
    from .listed_erasure_ground import ListedErasureGround
    from .listed_erasure_kind import ListedErasureKind
    from .listed_erasure_page import ListedErasurePage
    from .listed_refund import ListedRefund
    from .listed_refund_page import ListedRefundPage
    from .listed_worker import ListedWorker
    from .listed_worker_page import ListedWorkerPage
    from .listed_worker_problems import ListedWorkerProblems
    from .listed_worker_status import ListedWorkerStatus
    from .log_finding import LogFinding
    from .log_finding_kind import LogFindingKind
    from .log_verification import LogVerification
    from .log_verification_status import LogVerificationStatus
    from .logged_item import LoggedItem
    from .logged_item_data import LoggedItemData
    from .logged_item_page import LoggedItemPage
    from .mail_asked import MailAsked
    from .maintenance_job import MaintenanceJob
    from .maintenance_job_kind import MaintenanceJobKind
    from .maintenance_job_status import MaintenanceJobStatus
    from .member import Member
    from .member_page import MemberPage
    from .member_personal_data import MemberPersonalData
    from .member_role import MemberRole
    from .money import Money
    from .new_factor import NewFactor
    from .new_recovery_codes import NewRecoveryCodes
    from .no_fields import NoFields
    from .note_case import NoteCase
    from .order import Order
    from .order_accepted import OrderAccepted
    from .order_dispute import OrderDispute
    from .order_dispute_status_type_1 import OrderDisputeStatusType1
    from .order_line import OrderLine
    from .order_line_request import OrderLineRequest
    from .order_page import OrderPage
    from .order_personal_data import OrderPersonalData
    from .order_proof import OrderProof
    from .order_status import OrderStatus
    from .orders_in_time import OrdersInTime
    from .orders_in_time_page import OrdersInTimePage
    from .orders_in_time_rejections import OrdersInTimeRejections
    from .orders_in_time_statuses import OrdersInTimeStatuses
    from .parked_correction import ParkedCorrection
    from .parked_correction_payload import ParkedCorrectionPayload
    from .parked_decided import ParkedDecided
    from .parked_event import ParkedEvent
    from .parked_event_page import ParkedEventPage
    from .parked_group import ParkedGroup
    from .parked_group_page import ParkedGroupPage
    from .parked_handled import ParkedHandled
    from .parked_reason import ParkedReason
    from .party_trouble import PartyTrouble
    from .password_replaced import PasswordReplaced
    from .payment import Payment
    from .payment_attempt_accepted import PaymentAttemptAccepted
    from .payment_attempt_request import PaymentAttemptRequest
    from .payment_status import PaymentStatus
    from .person_export import PersonExport
    from .place_order import PlaceOrder
    from .previewed_event import PreviewedEvent
    from .price import Price
    from .problem import Problem
    from .problem_type import ProblemType
    from .process import Process
    from .process_page import ProcessPage
    from .product import Product
    from .product_off_sale import ProductOffSale
    from .product_page import ProductPage
    from .product_put import ProductPut
    from .prove_identity import ProveIdentity
    from .proved_event import ProvedEvent
    from .proved_event_row import ProvedEventRow
    from .provider_message import ProviderMessage
    from .provider_message_data import ProviderMessageData
    from .published_head import PublishedHead
    from .published_head_page import PublishedHeadPage
    from .put_product import PutProduct
    from .put_product_if_none_match import PutProductIfNoneMatch
    from .reading import Reading
    from .reading_page import ReadingPage
    from .receive_stock import ReceiveStock
    from .refund import Refund
    from .refund_accepted import RefundAccepted
    from .refund_line import RefundLine
    from .refund_line_request import RefundLineRequest
    from .refund_page import RefundPage
    from .refund_preview import RefundPreview
    from .refund_request import RefundRequest
    from .refund_status import RefundStatus
    from .register_customer import RegisterCustomer
    from .replay_answer import ReplayAnswer
    from .replay_deliveries import ReplayDeliveries
    from .report_orders_by import ReportOrdersBy
    from .report_sales_group import ReportSalesGroup
    from .request_password_reset import RequestPasswordReset
    from .requested_refund import RequestedRefund
    from .reserved_pieces import ReservedPieces
    from .reserved_pieces_page import ReservedPiecesPage
    from .reset_password import ResetPassword
    from .resolve_case import ResolveCase
    from .resolve_case_kinds_item import ResolveCaseKindsItem
    from .resolve_case_resolution import ResolveCaseResolution
    from .revocation_request import RevocationRequest
    from .rotate_key import RotateKey
    from .rotate_secret import RotateSecret
    from .row_difference import RowDifference
    from .row_difference_kind import RowDifferenceKind
    from .secret_rotated_answer import SecretRotatedAnswer
    from .session import Session
    from .session_closed import SessionClosed
    from .session_page import SessionPage
    from .settled_refund import SettledRefund
    from .shipment import Shipment
    from .shipment_moved import ShipmentMoved
    from .shipment_page import ShipmentPage
    from .shipment_status import ShipmentStatus
    from .sold_sku import SoldSku
    from .sold_sku_page import SoldSkuPage
    from .staff_accepted import StaffAccepted
    from .staff_status import StaffStatus
    from .stage import Stage
    from .step_state import StepState
    from .step_status import StepStatus
    from .stock import Stock
    from .stock_moved import StockMoved
    from .stock_page import StockPage
    from .stream_end import StreamEnd
    from .stream_state import StreamState
    from .stream_state_state_type_0 import StreamStateStateType0
    from .subscription_lag import SubscriptionLag
    from .subscription_lag_page import SubscriptionLagPage
    from .token_answer import TokenAnswer
    from .token_request import TokenRequest
    from .token_request_account import TokenRequestAccount
    from .token_request_grant_type import TokenRequestGrantType
    from .token_revoked import TokenRevoked
    from .trace import Trace
    from .traced_request import TracedRequest
    from .usage import Usage
    from .waiting_orders import WaitingOrders
    from .webhook_endpoint import WebhookEndpoint
    from .webhook_endpoint_page import WebhookEndpointPage
    from .webhook_endpoint_status import WebhookEndpointStatus
    from .webhook_receipt import WebhookReceipt
    from .webhook_receipt_status import WebhookReceiptStatus

_MODULES = {
    "AcceptInvitation": ".accept_invitation",
    "AccessEntry": ".access_entry",
    "AccessEntryPage": ".access_entry_page",
    "AccountSetUp": ".account_set_up",
    "AddEndpoint": ".add_endpoint",
    "AddEndpointEventTypesItem": ".add_endpoint_event_types_item",
    "AddMember": ".add_member",
    "AddMemberRole": ".add_member_role",
    "AddMemberScopesType0ItemType0": ".add_member_scopes_type_0_item_type_0",
    "AddMemberScopesType0ItemType1": ".add_member_scopes_type_0_item_type_1",
    "Address": ".address",
    "AdjustStock": ".adjust_stock",
    "ApiKey": ".api_key",
    "ApiKeyPage": ".api_key_page",
    "ApiKeyStatus": ".api_key_status",
    "AssignCase": ".assign_case",
    "Attempt": ".attempt",
    "Attention": ".attention",
    "CallsInMinute": ".calls_in_minute",
    "CallsInMinuteCalls": ".calls_in_minute_calls",
    "CallsInMinutePage": ".calls_in_minute_page",
    "CallsInMinuteUnanswered": ".calls_in_minute_unanswered",
    "CancellationRequest": ".cancellation_request",
    "Case": ".case",
    "CaseChanged": ".case_changed",
    "CaseKind": ".case_kind",
    "CasePage": ".case_page",
    "CaseSince": ".case_since",
    "CaseSinceKind": ".case_since_kind",
    "CasesOfKind": ".cases_of_kind",
    "CasesOfKindKind": ".cases_of_kind_kind",
    "Caused": ".caused",
    "Certificate": ".certificate",
    "ChangeCustomer": ".change_customer",
    "ChangeDuties": ".change_duties",
    "ChangeDutiesRole": ".change_duties_role",
    "ChangeDutiesScopesType0ItemType0": ".change_duties_scopes_type_0_item_type_0",
    "ChangeDutiesScopesType0ItemType1": ".change_duties_scopes_type_0_item_type_1",
    "ChangeEmail": ".change_email",
    "ChangeEndpoint": ".change_endpoint",
    "ChangeEndpointEventTypesType0Item": ".change_endpoint_event_types_type_0_item",
    "ChangeOwnPassword": ".change_own_password",
    "ChangePassword": ".change_password",
    "ConfirmEmail": ".confirm_email",
    "ConfirmFactor": ".confirm_factor",
    "Customer": ".customer",
    "CustomerAccepted": ".customer_accepted",
    "CustomerAction": ".customer_action",
    "CustomerPage": ".customer_page",
    "CustomerPersonalData": ".customer_personal_data",
    "CustomerStatus": ".customer_status",
    "DailySales": ".daily_sales",
    "DailySalesPage": ".daily_sales_page",
    "DefinitionInUse": ".definition_in_use",
    "Delivery": ".delivery",
    "DeliveryPage": ".delivery_page",
    "DeliveryStatus": ".delivery_status",
    "EndpointAddedAnswer": ".endpoint_added_answer",
    "EndpointAddedAnswerStatus": ".endpoint_added_answer_status",
    "EndpointChangedAnswer": ".endpoint_changed_answer",
    "Enrolment": ".enrolment",
    "EnrolmentRole": ".enrolment_role",
    "EraseData": ".erase_data",
    "EraseDataGround": ".erase_data_ground",
    "Erasure": ".erasure",
    "ErasureAccepted": ".erasure_accepted",
    "ErasureAcceptedGround": ".erasure_accepted_ground",
    "ErasureGround": ".erasure_ground",
    "ErasureKind": ".erasure_kind",
    "ErasureStatus": ".erasure_status",
    "EventOutline": ".event_outline",
    "ExportedAccess": ".exported_access",
    "ExportedEventLine": ".exported_event_line",
    "ExportedOrder": ".exported_order",
    "ExportedOrderLine": ".exported_order_line",
    "FieldError": ".field_error",
    "GiveUp": ".give_up",
    "Health": ".health",
    "HealthBehind": ".health_behind",
    "HealthParkedType0": ".health_parked_type_0",
    "HealthProblems": ".health_problems",
    "HealthStandingStillType0": ".health_standing_still_type_0",
    "HealthStatus": ".health_status",
    "ImportPrice": ".import_price",
    "ImportProduct": ".import_product",
    "ImportStock": ".import_stock",
    "ImportedLine": ".imported_line",
    "Intervene": ".intervene",
    "InterventionPreview": ".intervention_preview",
    "InterventionPreviewAction": ".intervention_preview_action",
    "InterventionRecorded": ".intervention_recorded",
    "InterventionRecordedAction": ".intervention_recorded_action",
    "InvitationToken": ".invitation_token",
    "IssueKey": ".issue_key",
    "IssueKeyScopesItem": ".issue_key_scopes_item",
    "Item": ".item",
    "ItemData": ".item_data",
    "ItemPage": ".item_page",
    "KeyIssued": ".key_issued",
    "KeyIssuedScopesItem": ".key_issued_scopes_item",
    "KeyRevoked": ".key_revoked",
    "LimitUsage": ".limit_usage",
    "ListCasesKindType0": ".list_cases_kind_type_0",
    "ListedErasure": ".listed_erasure",
    "ListedErasureGround": ".listed_erasure_ground",
    "ListedErasureKind": ".listed_erasure_kind",
    "ListedErasurePage": ".listed_erasure_page",
    "ListedRefund": ".listed_refund",
    "ListedRefundPage": ".listed_refund_page",
    "ListedWorker": ".listed_worker",
    "ListedWorkerPage": ".listed_worker_page",
    "ListedWorkerProblems": ".listed_worker_problems",
    "ListedWorkerStatus": ".listed_worker_status",
    "LogFinding": ".log_finding",
    "LogFindingKind": ".log_finding_kind",
    "LogVerification": ".log_verification",
    "LogVerificationStatus": ".log_verification_status",
    "LoggedItem": ".logged_item",
    "LoggedItemData": ".logged_item_data",
    "LoggedItemPage": ".logged_item_page",
    "MailAsked": ".mail_asked",
    "MaintenanceJob": ".maintenance_job",
    "MaintenanceJobKind": ".maintenance_job_kind",
    "MaintenanceJobStatus": ".maintenance_job_status",
    "Member": ".member",
    "MemberPage": ".member_page",
    "MemberPersonalData": ".member_personal_data",
    "MemberRole": ".member_role",
    "Money": ".money",
    "NewFactor": ".new_factor",
    "NewRecoveryCodes": ".new_recovery_codes",
    "NoFields": ".no_fields",
    "NoteCase": ".note_case",
    "Order": ".order",
    "OrderAccepted": ".order_accepted",
    "OrderDispute": ".order_dispute",
    "OrderDisputeStatusType1": ".order_dispute_status_type_1",
    "OrderLine": ".order_line",
    "OrderLineRequest": ".order_line_request",
    "OrderPage": ".order_page",
    "OrderPersonalData": ".order_personal_data",
    "OrderProof": ".order_proof",
    "OrderStatus": ".order_status",
    "OrdersInTime": ".orders_in_time",
    "OrdersInTimePage": ".orders_in_time_page",
    "OrdersInTimeRejections": ".orders_in_time_rejections",
    "OrdersInTimeStatuses": ".orders_in_time_statuses",
    "ParkedCorrection": ".parked_correction",
    "ParkedCorrectionPayload": ".parked_correction_payload",
    "ParkedDecided": ".parked_decided",
    "ParkedEvent": ".parked_event",
    "ParkedEventPage": ".parked_event_page",
    "ParkedGroup": ".parked_group",
    "ParkedGroupPage": ".parked_group_page",
    "ParkedHandled": ".parked_handled",
    "ParkedReason": ".parked_reason",
    "PartyTrouble": ".party_trouble",
    "PasswordReplaced": ".password_replaced",
    "Payment": ".payment",
    "PaymentAttemptAccepted": ".payment_attempt_accepted",
    "PaymentAttemptRequest": ".payment_attempt_request",
    "PaymentStatus": ".payment_status",
    "PersonExport": ".person_export",
    "PlaceOrder": ".place_order",
    "PreviewedEvent": ".previewed_event",
    "Price": ".price",
    "Problem": ".problem",
    "ProblemType": ".problem_type",
    "Process": ".process",
    "ProcessPage": ".process_page",
    "Product": ".product",
    "ProductOffSale": ".product_off_sale",
    "ProductPage": ".product_page",
    "ProductPut": ".product_put",
    "ProveIdentity": ".prove_identity",
    "ProvedEvent": ".proved_event",
    "ProvedEventRow": ".proved_event_row",
    "ProviderMessage": ".provider_message",
    "ProviderMessageData": ".provider_message_data",
    "PublishedHead": ".published_head",
    "PublishedHeadPage": ".published_head_page",
    "PutProduct": ".put_product",
    "PutProductIfNoneMatch": ".put_product_if_none_match",
    "Reading": ".reading",
    "ReadingPage": ".reading_page",
    "ReceiveStock": ".receive_stock",
    "Refund": ".refund",
    "RefundAccepted": ".refund_accepted",
    "RefundLine": ".refund_line",
    "RefundLineRequest": ".refund_line_request",
    "RefundPage": ".refund_page",
    "RefundPreview": ".refund_preview",
    "RefundRequest": ".refund_request",
    "RefundStatus": ".refund_status",
    "RegisterCustomer": ".register_customer",
    "ReplayAnswer": ".replay_answer",
    "ReplayDeliveries": ".replay_deliveries",
    "ReportOrdersBy": ".report_orders_by",
    "ReportSalesGroup": ".report_sales_group",
    "RequestPasswordReset": ".request_password_reset",
    "RequestedRefund": ".requested_refund",
    "ReservedPieces": ".reserved_pieces",
    "ReservedPiecesPage": ".reserved_pieces_page",
    "ResetPassword": ".reset_password",
    "ResolveCase": ".resolve_case",
    "ResolveCaseKindsItem": ".resolve_case_kinds_item",
    "ResolveCaseResolution": ".resolve_case_resolution",
    "RevocationRequest": ".revocation_request",
    "RotateKey": ".rotate_key",
    "RotateSecret": ".rotate_secret",
    "RowDifference": ".row_difference",
    "RowDifferenceKind": ".row_difference_kind",
    "SecretRotatedAnswer": ".secret_rotated_answer",
    "Session": ".session",
    "SessionClosed": ".session_closed",
    "SessionPage": ".session_page",
    "SettledRefund": ".settled_refund",
    "Shipment": ".shipment",
    "ShipmentMoved": ".shipment_moved",
    "ShipmentPage": ".shipment_page",
    "ShipmentStatus": ".shipment_status",
    "SoldSku": ".sold_sku",
    "SoldSkuPage": ".sold_sku_page",
    "StaffAccepted": ".staff_accepted",
    "StaffStatus": ".staff_status",
    "Stage": ".stage",
    "StepState": ".step_state",
    "StepStatus": ".step_status",
    "Stock": ".stock",
    "StockMoved": ".stock_moved",
    "StockPage": ".stock_page",
    "StreamEnd": ".stream_end",
    "StreamState": ".stream_state",
    "StreamStateStateType0": ".stream_state_state_type_0",
    "SubscriptionLag": ".subscription_lag",
    "SubscriptionLagPage": ".subscription_lag_page",
    "TokenAnswer": ".token_answer",
    "TokenRequest": ".token_request",
    "TokenRequestAccount": ".token_request_account",
    "TokenRequestGrantType": ".token_request_grant_type",
    "TokenRevoked": ".token_revoked",
    "Trace": ".trace",
    "TracedRequest": ".traced_request",
    "Usage": ".usage",
    "WaitingOrders": ".waiting_orders",
    "WebhookEndpoint": ".webhook_endpoint",
    "WebhookEndpointPage": ".webhook_endpoint_page",
    "WebhookEndpointStatus": ".webhook_endpoint_status",
    "WebhookReceipt": ".webhook_receipt",
    "WebhookReceiptStatus": ".webhook_receipt_status",
}

__all__ = (
    "AcceptInvitation",
    "AccessEntry",
    "AccessEntryPage",
    "AccountSetUp",
    "AddEndpoint",
    "AddEndpointEventTypesItem",
    "AddMember",
    "AddMemberRole",
    "AddMemberScopesType0ItemType0",
    "AddMemberScopesType0ItemType1",
    "Address",
    "AdjustStock",
    "ApiKey",
    "ApiKeyPage",
    "ApiKeyStatus",
    "AssignCase",
    "Attempt",
    "Attention",
    "CallsInMinute",
    "CallsInMinuteCalls",
    "CallsInMinutePage",
    "CallsInMinuteUnanswered",
    "CancellationRequest",
    "Case",
    "CaseChanged",
    "CaseKind",
    "CasePage",
    "CaseSince",
    "CaseSinceKind",
    "CasesOfKind",
    "CasesOfKindKind",
    "Caused",
    "Certificate",
    "ChangeCustomer",
    "ChangeDuties",
    "ChangeDutiesRole",
    "ChangeDutiesScopesType0ItemType0",
    "ChangeDutiesScopesType0ItemType1",
    "ChangeEmail",
    "ChangeEndpoint",
    "ChangeEndpointEventTypesType0Item",
    "ChangeOwnPassword",
    "ChangePassword",
    "ConfirmEmail",
    "ConfirmFactor",
    "Customer",
    "CustomerAccepted",
    "CustomerAction",
    "CustomerPage",
    "CustomerPersonalData",
    "CustomerStatus",
    "DailySales",
    "DailySalesPage",
    "DefinitionInUse",
    "Delivery",
    "DeliveryPage",
    "DeliveryStatus",
    "EndpointAddedAnswer",
    "EndpointAddedAnswerStatus",
    "EndpointChangedAnswer",
    "Enrolment",
    "EnrolmentRole",
    "EraseData",
    "EraseDataGround",
    "Erasure",
    "ErasureAccepted",
    "ErasureAcceptedGround",
    "ErasureGround",
    "ErasureKind",
    "ErasureStatus",
    "EventOutline",
    "ExportedAccess",
    "ExportedEventLine",
    "ExportedOrder",
    "ExportedOrderLine",
    "FieldError",
    "GiveUp",
    "Health",
    "HealthBehind",
    "HealthParkedType0",
    "HealthProblems",
    "HealthStandingStillType0",
    "HealthStatus",
    "ImportedLine",
    "ImportPrice",
    "ImportProduct",
    "ImportStock",
    "Intervene",
    "InterventionPreview",
    "InterventionPreviewAction",
    "InterventionRecorded",
    "InterventionRecordedAction",
    "InvitationToken",
    "IssueKey",
    "IssueKeyScopesItem",
    "Item",
    "ItemData",
    "ItemPage",
    "KeyIssued",
    "KeyIssuedScopesItem",
    "KeyRevoked",
    "LimitUsage",
    "ListCasesKindType0",
    "ListedErasure",
    "ListedErasureGround",
    "ListedErasureKind",
    "ListedErasurePage",
    "ListedRefund",
    "ListedRefundPage",
    "ListedWorker",
    "ListedWorkerPage",
    "ListedWorkerProblems",
    "ListedWorkerStatus",
    "LogFinding",
    "LogFindingKind",
    "LoggedItem",
    "LoggedItemData",
    "LoggedItemPage",
    "LogVerification",
    "LogVerificationStatus",
    "MailAsked",
    "MaintenanceJob",
    "MaintenanceJobKind",
    "MaintenanceJobStatus",
    "Member",
    "MemberPage",
    "MemberPersonalData",
    "MemberRole",
    "Money",
    "NewFactor",
    "NewRecoveryCodes",
    "NoFields",
    "NoteCase",
    "Order",
    "OrderAccepted",
    "OrderDispute",
    "OrderDisputeStatusType1",
    "OrderLine",
    "OrderLineRequest",
    "OrderPage",
    "OrderPersonalData",
    "OrderProof",
    "OrdersInTime",
    "OrdersInTimePage",
    "OrdersInTimeRejections",
    "OrdersInTimeStatuses",
    "OrderStatus",
    "ParkedCorrection",
    "ParkedCorrectionPayload",
    "ParkedDecided",
    "ParkedEvent",
    "ParkedEventPage",
    "ParkedGroup",
    "ParkedGroupPage",
    "ParkedHandled",
    "ParkedReason",
    "PartyTrouble",
    "PasswordReplaced",
    "Payment",
    "PaymentAttemptAccepted",
    "PaymentAttemptRequest",
    "PaymentStatus",
    "PersonExport",
    "PlaceOrder",
    "PreviewedEvent",
    "Price",
    "Problem",
    "ProblemType",
    "Process",
    "ProcessPage",
    "Product",
    "ProductOffSale",
    "ProductPage",
    "ProductPut",
    "ProvedEvent",
    "ProvedEventRow",
    "ProveIdentity",
    "ProviderMessage",
    "ProviderMessageData",
    "PublishedHead",
    "PublishedHeadPage",
    "PutProduct",
    "PutProductIfNoneMatch",
    "Reading",
    "ReadingPage",
    "ReceiveStock",
    "Refund",
    "RefundAccepted",
    "RefundLine",
    "RefundLineRequest",
    "RefundPage",
    "RefundPreview",
    "RefundRequest",
    "RefundStatus",
    "RegisterCustomer",
    "ReplayAnswer",
    "ReplayDeliveries",
    "ReportOrdersBy",
    "ReportSalesGroup",
    "RequestedRefund",
    "RequestPasswordReset",
    "ReservedPieces",
    "ReservedPiecesPage",
    "ResetPassword",
    "ResolveCase",
    "ResolveCaseKindsItem",
    "ResolveCaseResolution",
    "RevocationRequest",
    "RotateKey",
    "RotateSecret",
    "RowDifference",
    "RowDifferenceKind",
    "SecretRotatedAnswer",
    "Session",
    "SessionClosed",
    "SessionPage",
    "SettledRefund",
    "Shipment",
    "ShipmentMoved",
    "ShipmentPage",
    "ShipmentStatus",
    "SoldSku",
    "SoldSkuPage",
    "StaffAccepted",
    "StaffStatus",
    "Stage",
    "StepState",
    "StepStatus",
    "Stock",
    "StockMoved",
    "StockPage",
    "StreamEnd",
    "StreamState",
    "StreamStateStateType0",
    "SubscriptionLag",
    "SubscriptionLagPage",
    "TokenAnswer",
    "TokenRequest",
    "TokenRequestAccount",
    "TokenRequestGrantType",
    "TokenRevoked",
    "Trace",
    "TracedRequest",
    "Usage",
    "WaitingOrders",
    "WebhookEndpoint",
    "WebhookEndpointPage",
    "WebhookEndpointStatus",
    "WebhookReceipt",
    "WebhookReceiptStatus",
)


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name], __name__), name)
