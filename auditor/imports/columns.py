"""The names columns of inventories go by, in the languages exports come in: a title → what its column holds."""

import re
import unicodedata
from collections.abc import Sequence

# Kind → the names its column goes by, the closest first: a table may have both `Type` and `Model`. English, then Chinese as Huawei's
# and ZTE's element managers and the camera tools title their exports, then German, French and Spanish.
NAMES: dict[str, tuple[str, ...]] = {
    "address": (
        *(
            "managementip",
            "managementipaddress",
            "mgmtip",
            "mgmtipaddress",
            "neip",
            "neipaddress",
        ),
        *(
            "ipaddressofne",
            "primaryip",
            "primaryip4",
            "primaryipv4",
            "primaryipaddress",
            "deviceip",
        ),
        *(
            "deviceipaddress",
            "ip",
            "ipaddress",
            "ipv4",
            "ipv4address",
            "meip",
        ),
        *(
            "meipaddress",
            "ipaddr",
            "primaryip6",
            "ipv6address",
            "host",
            "address",
        ),
        *(
            "管理ip",
            "管理ip地址",
            "管理地址",
            "网元ip",
            "网元ip地址",
            "设备ip",
        ),
        *(
            "设备ip地址",
            "ip地址",
            "ipv4地址",
            "ipadresse",
            "adresseip",
            "direcciónip",
        ),
    ),
    "inventory.mac": (
        *(
            "mac",
            "macaddress",
            "macaddr",
            "nemac",
            "nemacaddress",
            "basemac",
        ),
        *(
            "systemmac",
            "physicaladdress",
            "ethernetaddress",
            "hwaddress",
            "hardwareaddress",
        ),
        *(
            "mac地址",
            "网元mac地址",
            "设备mac地址",
            "物理地址",
            "macadresse",
            "adressemac",
        ),
        *("direcciónmac",),
    ),
    "inventory.vendor": (
        *(
            "vendor",
            "manufacturer",
            "maker",
            "make",
            "brand",
            "mfr",
        ),
        *(
            "mfg",
            "vendorname",
            "nevendor",
        ),
        *(
            "厂商",
            "厂家",
            "设备厂商",
            "设备厂家",
            "生产厂商",
            "生产厂家",
        ),
        *(
            "制造商",
            "品牌",
            "设备品牌",
            "hersteller",
            "fabricant",
            "constructeur",
            "fabricante",
        ),
    ),
    "inventory.model": (
        *(
            "model",
            "modelname",
            "modelnumber",
            "devicemodel",
            "productmodel",
            "productname",
        ),
        *(
            "netype",
            "metype",
            "devicetype",
            "producttype",
            "product",
            "hardware",
        ),
        *(
            "hardwareplatform",
            "partnumber",
            "type",
        ),
        *(
            "型号",
            "设备型号",
            "产品型号",
            "规格型号",
            "网元类型",
            "设备类型",
        ),
        *(
            "modell",
            "modèle",
            "modelo",
        ),
    ),
    "inventory.serial": (
        *(
            "serial",
            "serialnumber",
            "serialno",
            "sn",
            "deviceserialno",
            "deviceserialnumber",
        ),
        *(
            "neserialnumber",
            "esn",
            "neesn",
            "snbarcode",
            "barcode",
        ),
        *(
            "序列号",
            "设备序列号",
            "产品序列号",
            "网元序列号",
            "条形码",
            "sn号",
            "seriennummer",
        ),
        *(
            "numérodesérie",
            "númerodeserie",
        ),
    ),
    "inventory.firmware": (
        *(
            "firmware",
            "firmwareversion",
            "softwareversion",
            "nesoftwareversion",
            "neversion",
            "swversion",
        ),
        *(
            "osversion",
            "osver",
            "version",
            "buildversion",
            "software",
            "os",
        ),
        *(
            "软件版本",
            "网元版本",
            "网元软件版本",
            "系统版本",
            "固件版本",
            "版本",
        ),
    ),
    "inventory.description": (
        *(
            "description",
            "descr",
            "comment",
            "comments",
            "notes",
            "remark",
        ),
        *(
            "remarks",
            "sysdescr",
        ),
        *(
            "描述",
            "备注",
            "说明",
            "bemerkung",
            "beschreibung",
            "remarque",
        ),
        *("observaciones",),
    ),
    "inventory.acquired": (
        *(
            "acquired",
            "purchased",
            "purchasedate",
            "acquisitiondate",
            "dateacquired",
            "purchase",
        ),
        *(
            "obtained",
            "installdate",
        ),
        *(
            "购买日期",
            "采购日期",
            "购置日期",
            "安装日期",
            "投运日期",
            "kaufdatum",
        ),
        *(
            "dateachat",
            "fechadecompra",
        ),
    ),
    "inventory.name": (
        *(
            "name",
            "nename",
            "hostname",
            "devicename",
            "sysname",
            "systemname",
        ),
        *(
            "mename",
            "userlabel",
            "device",
            "asset",
            "assetname",
            "label",
        ),
        *("dns",),
        *(
            "网元名称",
            "设备名称",
            "设备名",
            "主机名",
            "主机名称",
            "名称",
            "资产名称",
        ),
        *(
            "gerätename",
            "bezeichnung",
            "nom",
            "nombre",
        ),
    ),
    "inventory.place": (
        *(
            "rack",
            "room",
            "location",
            "physicallocation",
            "nelocation",
            "position",
        ),
        *(
            "port",
            "cabinet",
        ),
        *(
            "位置",
            "物理位置",
            "安装位置",
            "网元位置",
            "机房",
            "所属机房",
            "机柜",
            "所属机柜",
        ),
        *(
            "emplacement",
            "ubicación",
        ),
    ),
    "site": (
        *(
            "site",
            "sitename",
            "branch",
            "campus",
            "subnet",
            "subnetname",
        ),
        *("region",),
        *(
            "站点",
            "站点名称",
            "所属区域",
            "局点",
            "局站",
            "子网",
            "所属子网",
        ),
        *(
            "子网名称",
            "standort",
        ),
    ),
}
RANKS = {alias: (kind, rank) for kind, aliases in NAMES.items() for rank, alias in enumerate(aliases)}
TELLING = frozenset(kind for kind in NAMES if kind.startswith("inventory.")) - {
    "inventory.name",
    "inventory.place",
    "inventory.acquired",
}
MIN_COLUMNS = 2
# Columns that only the search tool for SADP writes; two of them, and each row is a reply it heard.
SADP_ONLY = frozenset(
    {
        *("enhancedsdkserviceport", "dspversion", "supporthikconnect", "hikconnectstatus"),
        *("增强型sdk服务端口", "dsp版本", "支持萤石云", "萤石云状态"),
    }
)
_SEPARATORS = re.compile(r"[\W_]+")


def plain(title: str) -> str:
    """Return a column's title as letters and digits alone, in lower case and one width."""
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", title[:200]).casefold())


def mapped(titles: Sequence[str]) -> dict[int, str]:
    """Return what each column holds, by position; of two columns of one kind the one named more closely counts."""
    best: dict[str, tuple[int, int]] = {}
    for index, title in enumerate(titles):
        kind, rank = RANKS.get(plain(title), ("", 0))
        if kind and rank < best.get(kind, (len(RANKS), 0))[0]:
            best[kind] = (rank, index)
    return {index: kind for kind, (_rank, index) in best.items()}


def is_header(columns: dict[int, str]) -> bool:
    """Tell whether mapped titles are those of an inventory: at least two columns, one of which can tell a maker."""
    return len(columns) >= MIN_COLUMNS and bool(TELLING & set(columns.values()))
